/**
 * The LLaMA family once more, for the kernel to be compared with: forward pass and loss written on jax-js from the
 * papers' equations, gradients by its automatic differentiation, in doubles or in f32. It shares nothing with prover/: it
 * reads config.json itself and takes weights by the names that they have in a checkpoint.
 *
 *   RMS norm            x ⊙ g / √(mean x² + ε)                                                1910.07467
 *   rotary positions    pairs of a head's coordinates turned by t·θ^(−2i/d)                   2104.09864
 *     linear            t·ω/factor                                                            2306.15595
 *     YaRN              ω blended with ω/factor over the pairs between β turns; q and k longer  2309.00071
 *     llama3            ω blended with ω/factor by how many waves fit the old context           2407.21783
 *   grouped queries     heads/groups queries share a key and a value                           2305.13245
 *   sliding window      token t sees t − window + 1 … t                                       2310.06825
 *   SwiGLU              W_down·(silu(W_gate·x) ⊙ W_up·x)                                       2002.05202
 *   low-rank factors    W·x + (α/r)·B·A·x                                                      2106.09685
 *
 * Checkpoints of this family keep the two coordinates of pair i at i and i + d/2 of a head.
 */
import { nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax'

/** The fields of config.json that the equations need. */
export type CheckpointConfig = {
  hidden_size: number
  num_hidden_layers: number
  num_attention_heads: number
  num_key_value_heads: number
  head_dim?: number
  rms_norm_eps: number
  rope_theta: number
  rope_scaling?: Record<string, number | string> | null
  /** Null or absent: all tokens before. */
  sliding_window?: number | null
  use_sliding_window?: boolean
  /** The first layers, which have no window. */
  max_window_layers?: number
  tie_word_embeddings: boolean
}

export type Values = { shape: readonly number[]; values: ArrayLike<number> }

export type LlamaModel = {
  config: CheckpointConfig
  /** Norms, biases and matrices by their names in the checkpoint; "A of module" and "B of module" for factors. */
  weights: ReadonlyMap<string, Values>
  /** α/r by module. */
  scales: ReadonlyMap<string, number>
}

/** A text, what follows each token, and 1 where that counts. */
export type Text = { ids: readonly number[]; targets: readonly number[]; counted: readonly number[] }

export type Precision = 'float64' | 'float32'

type Weights = Record<string, np.Array>

export const factorName = (factor: 'A' | 'B', module: string): string => `${factor} of ${module}`

/** The summed loss in nats, and its gradient at each of the weights. */
export async function lossAndGradients(
  model: LlamaModel,
  text: Text,
  precision: Precision,
): Promise<{ loss: number; gradients: Map<string, Float64Array> }> {
  const weights = Object.fromEntries([...model.weights].map(([name, values]) => [name, arrayOf(values, precision)]))
  const [loss, gradients] = valueAndGrad((given: Weights) => lossOf(model, given, text))(weights)
  const read = Object.entries(gradients).map(async ([name, gradient]) => {
    const values = await gradient.data()
    return [name, Float64Array.from(values)] as const
  })
  return { loss: await loss.jsAsync(), gradients: new Map(await Promise.all(read)) }
}

function arrayOf({ shape, values }: Values, precision: Precision): np.Array {
  const data = precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values)
  return np.array(data, { shape: [...shape] })
}

/** A constant matrix of the precision that `like` has. */
function table(like: np.Array, [rows, columns]: [number, number], cell: (row: number, column: number) => number) {
  const values = Array.from({ length: rows * columns }, (_, at) => cell(Math.floor(at / columns), at % columns))
  return arrayOf({ shape: [rows, columns], values }, like.dtype === np.float64 ? 'float64' : 'float32')
}

/** Σ −ln softmax(logits)[target] over the targets that count. Owns `weights`, as functions in jax-js do. */
function lossOf(model: LlamaModel, weights: Weights, { ids, targets, counted }: Text): np.Array {
  const logProbabilities = nn.logSoftmax(logitsOf(model, weights, ids), -1)
  tree.dispose(weights)
  const vocabulary = logProbabilities.shape[1]!
  const chosen = table(logProbabilities, [ids.length, vocabulary], (t, id) => (id === targets[t] ? -counted[t]! : 0))
  return logProbabilities.mul(chosen).sum()
}

function logitsOf(model: LlamaModel, weights: Weights, ids: readonly number[]): np.Array {
  const { config } = model
  const embedding = weights['model.embed_tokens.weight']!
  const chosen = table(embedding, [ids.length, embedding.shape[0]!], (t, id) => (id === ids[t] ? 1 : 0))
  let x = np.matmul(chosen, embedding.ref)
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const at = `model.layers.${layer}`
    const norm = (of: np.Array, name: string) => rmsNorm(of, weights[`${at}.${name}.weight`]!.ref, config.rms_norm_eps)
    x = x.ref.add(attention(model, weights, layer, norm(x, 'input_layernorm')))
    x = x.ref.add(swiglu(model, weights, `${at}.mlp`, norm(x, 'post_attention_layernorm')))
  }
  const normed = rmsNorm(x, weights['model.norm.weight']!.ref, config.rms_norm_eps)
  const output = config.tie_word_embeddings ? embedding : weights['lm_head.weight']!
  return np.einsum('th,vh->tv', normed, output.ref)
}

/** Along the last axis. */
function rmsNorm(x: np.Array, weight: np.Array, epsilon: number): np.Array {
  const squares = np.square(x.ref).mean(-1, { keepdims: true })
  return x.div(np.sqrt(squares.add(epsilon))).mul(weight)
}

function linear({ scales }: LlamaModel, weights: Weights, module: string, x: np.Array): np.Array {
  const bias = weights[`${module}.bias`]
  const [a, b] = [weights[factorName('A', module)], weights[factorName('B', module)]]
  let y = np.einsum('ti,oi->to', x.ref, weights[`${module}.weight`]!.ref)
  if (bias) y = y.add(bias.ref)
  if (a && b) y = y.add(np.einsum('ti,ri,or->to', x.ref, a.ref, b.ref).mul(scales.get(module)!))
  x.dispose()
  return y
}

function swiglu(model: LlamaModel, weights: Weights, at: string, x: np.Array): np.Array {
  const gate = linear(model, weights, `${at}.gate_proj`, x.ref)
  const gated = gate.ref.div(np.exp(gate.neg()).add(1))
  return linear(model, weights, `${at}.down_proj`, gated.mul(linear(model, weights, `${at}.up_proj`, x)))
}

function attention(model: LlamaModel, weights: Weights, layer: number, x: np.Array): np.Array {
  const { config } = model
  const at = `model.layers.${layer}.self_attn`
  const [tokens, groups, dims] = [x.shape[0]!, config.num_key_value_heads, headDims(config)]
  const share = config.num_attention_heads / groups
  /** [tokens × heads × dims], normalised where the family does, turned. */
  const turned = (kind: 'q' | 'k', heads: number) => {
    const raw = linear(model, weights, `${at}.${kind}_proj`, x.ref).reshape([tokens, heads, dims])
    const norm = weights[`${at}.${kind}_norm.weight`]
    return turn(config, norm ? rmsNorm(raw, norm.ref, config.rms_norm_eps) : raw)
  }
  const query = turned('q', groups * share).reshape([tokens, groups, share, dims])
  const key = turned('k', groups)
  const value = linear(model, weights, `${at}.v_proj`, x).reshape([tokens, groups, dims])
  const scores = np.einsum('qgsd,kgd->gsqk', query, key).div(Math.sqrt(dims))
  const window = windowOf(config, layer)
  // e^−1e9 is 0: a token that is not seen has no weight.
  const unseen = table(scores, [tokens, tokens], (q, k) => (k <= q && k > q - window ? 0 : -1e9))
  const seen = np.einsum('gsqk,kgd->qgsd', nn.softmax(scores.add(unseen), -1), value)
  return linear(model, weights, `${at}.o_proj`, seen.reshape([tokens, groups * share * dims]))
}

const headDims = (config: CheckpointConfig) => config.head_dim ?? config.hidden_size / config.num_attention_heads

function windowOf(config: CheckpointConfig, layer: number): number {
  const { sliding_window: window, use_sliding_window: used = true, max_window_layers: without = 0 } = config
  return window && used && layer >= without ? window : Number.POSITIVE_INFINITY
}

/** x [tokens × heads × dims]: every pair of token t turned by t·ω of the pair; the products of RoFormer's matrices R_t. */
function turn(config: CheckpointConfig, x: np.Array): np.Array {
  const [tokens, dims] = [x.shape[0]!, headDims(config)]
  const half = dims / 2
  const { frequencies, length } = rotation(config)
  const cell = (t: number, row: number, column: number) => {
    const angle = t * frequencies[row % half]!
    if (row === column) return length * Math.cos(angle)
    if (row === column + half) return length * Math.sin(angle)
    if (column === row + half) return -length * Math.sin(angle)
    return 0
  }
  const turns = table(x, [tokens * dims, dims], (row, column) => cell(Math.floor(row / dims), row % dims, column))
  return np.einsum('tij,thj->thi', turns.reshape([tokens, dims, dims]), x)
}

/** Radians a position for each pair, and what turning also multiplies lengths by. */
function rotation(config: CheckpointConfig): { frequencies: number[]; length: number } {
  const dims = headDims(config)
  const plain = Array.from({ length: dims / 2 }, (_, i) => config.rope_theta ** ((-2 * i) / dims))
  const scaling = config.rope_scaling
  if (!scaling) return { frequencies: plain, length: 1 }
  const number = (name: string, otherwise?: number) => Number(scaling[name] ?? otherwise)
  const factor = number('factor')
  const old = number('original_max_position_embeddings')
  /** 1 keeps a frequency, 0 divides it by the factor. */
  const blend = (keep: (waves: number, pair: number) => number) =>
    plain.map((omega, pair) => {
      const kept = Math.min(1, Math.max(0, keep((old * omega) / (2 * Math.PI), pair)))
      return kept * omega + ((1 - kept) * omega) / factor
    })
  switch (scaling.rope_type ?? scaling.type) {
    case 'linear':
      return { frequencies: blend(() => 0), length: 1 }
    case 'llama3': {
      const [low, high] = [number('low_freq_factor'), number('high_freq_factor')]
      return { frequencies: blend((waves) => (waves - low) / (high - low)), length: 1 }
    }
    case 'yarn': {
      // The pair that turns `times` times in the old context, as a real number.
      const pairOf = (times: number) =>
        (dims * Math.log(old / (times * 2 * Math.PI))) / (2 * Math.log(config.rope_theta))
      const first = Math.max(0, Math.floor(pairOf(number('beta_fast', 32))))
      const last = Math.min(dims - 1, Math.ceil(pairOf(number('beta_slow', 1))))
      return { frequencies: blend((_, pair) => (last - pair) / (last - first)), length: 0.1 * Math.log(factor) + 1 }
    }
    default:
      throw new Error(`no equations for ${JSON.stringify(scaling)}`)
  }
}
