/**
 * The model's oracle: the loss of a sequence in plain doubles, written from the papers' equations over named weights,
 * forward only. Gradients come from differences of it.
 */
import {
  attention,
  crossEntropy,
  type Matrix,
  matrix,
  product,
  rmsNorm,
  rotated,
  sigmoid,
  transposed,
} from '../../kernel/testing/float64.ts'
import type { ModelConfig } from '../config.ts'

export type OracleModel = {
  config: ModelConfig
  weights: ReadonlyMap<string, ArrayLike<number>>
  /** Radians a position, for each pair of a head; and the factor on cos and sin. */
  rotary: { frequencies: readonly number[]; factor: number }
  /** Low-rank factors by module: scale, a [rank × in], b [out × rank]. */
  factors?: ReadonlyMap<string, { scale: number; rank: number; a: ArrayLike<number>; b: ArrayLike<number> }>
}

/** Logits of every token, rows of the vocabulary. */
export function oracleLogits(model: OracleModel, ids: ArrayLike<number>): Matrix {
  const { config } = model
  const { hiddenSize: hidden } = config
  const embedding = matrix(weightOf(model, 'model.embed_tokens.weight'), hidden)
  let x = matrix(
    Array.from(ids).flatMap((id) => Array.from({ length: hidden }, (_, i) => embedding.at(id, i))),
    hidden,
  )
  for (let layer = 0; layer < config.layerCount; layer++) {
    const at = `model.layers.${layer}`
    x = sumOf(x, attentionOf(model, layer, normed(model, x, `${at}.input_layernorm.weight`)))
    const n = normed(model, x, `${at}.post_attention_layernorm.weight`)
    const [gate, up] = [linear(model, `${at}.mlp.gate_proj`, n), linear(model, `${at}.mlp.up_proj`, n)]
    const inner = matrix(
      cells(gate).map(([t, i]) => gate.at(t, i) * sigmoid(gate.at(t, i)) * up.at(t, i)),
      gate.columns,
    )
    x = sumOf(x, linear(model, `${at}.mlp.down_proj`, inner))
  }
  const output = config.tiedEmbeddings ? embedding : matrix(weightOf(model, 'lm_head.weight'), hidden)
  return matrix(product(normed(model, x, 'model.norm.weight'), transposed(output)), config.vocabSize)
}

/** Σ −ln p(target) over the targets that are not −1. */
export function oracleLoss(model: OracleModel, ids: ArrayLike<number>, targets: readonly number[]): number {
  const logits = oracleLogits(model, ids)
  return targets.reduce((total, target, t) => {
    if (target < 0) return total
    const row = Array.from({ length: logits.columns }, (_, i) => logits.at(t, i))
    return total + crossEntropy(row, target)
  }, 0)
}

function attentionOf(model: OracleModel, layer: number, n: Matrix): Matrix {
  const { config, rotary } = model
  const at = `model.layers.${layer}.self_attn`
  const heads = (kind: 'q' | 'k') => {
    const raw = linear(model, `${at}.${kind}_proj`, n)
    const rows = matrix(
      cells(raw).map(([t, i]) => raw.at(t, i)),
      config.headDim,
    )
    const each = config.queryKeyNorm ? normed(model, rows, `${at}.${kind}_norm.weight`) : rows
    const perToken = raw.columns / config.headDim
    const turned = Array.from({ length: each.rows }, (_, row) => {
      const angles = rotary.frequencies.map((frequency) => frequency * Math.floor(row / perToken))
      const head = Array.from({ length: config.headDim }, (_, i) => rotary.factor * each.at(row, i))
      return rotated(head, angles)
    }).flat()
    return matrix(turned, raw.columns)
  }
  const window = config.slidingWindow?.layers[layer] ? config.slidingWindow.size : Number.POSITIVE_INFINITY
  const out = attention(heads('q'), heads('k'), linear(model, `${at}.v_proj`, n), {
    heads: config.headCount,
    groups: config.keyValueHeadCount,
    dims: config.headDim,
    sees: (query, key) => key <= query && key > query - window,
  })
  return linear(model, `${at}.o_proj`, matrix(out, config.headCount * config.headDim))
}

/** x·Wᵀ + b + scale·x·Aᵀ·Bᵀ */
function linear(model: OracleModel, module: string, x: Matrix): Matrix {
  const weight = transposed(matrix(weightOf(model, `${module}.weight`), x.columns))
  const bias = model.weights.get(`${module}.bias`)
  let y = matrix(product(x, weight), weight.columns)
  if (bias)
    y = matrix(
      cells(y).map(([t, i]) => y.at(t, i) + bias[i]!),
      y.columns,
    )
  const factors = model.factors?.get(module)
  if (!factors) return y
  const inner = matrix(product(x, transposed(matrix(factors.a, x.columns))), factors.rank)
  const low = product(inner, transposed(matrix(factors.b, factors.rank)))
  return sumOf(
    y,
    matrix(
      low.map((value) => value * factors.scale),
      y.columns,
    ),
  )
}

const normed = (model: OracleModel, x: Matrix, weight: string) =>
  matrix(rmsNorm(x, weightOf(model, weight), model.config.rmsNormEpsilon), x.columns)

const sumOf = (a: Matrix, b: Matrix) =>
  matrix(
    cells(a).map(([t, i]) => a.at(t, i) + b.at(t, i)),
    a.columns,
  )

const cells = ({ rows, columns }: Matrix) =>
  Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns] as const)

function weightOf(model: OracleModel, name: string): ArrayLike<number> {
  const values = model.weights.get(name)
  if (!values) throw new Error(`no weight ${name}`)
  return values
}
