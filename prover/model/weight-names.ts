/**
 * Every tensor of a model: its name as transformers writes it (models/llama/modeling_llama.py and its siblings name
 * their modules alike) and its shape. A matrix of a linear layer is [out, in], row-major.
 *
 *   model.embed_tokens.weight                               [vocab, hidden]
 *   model.layers.N.input_layernorm.weight                   [hidden]
 *   model.layers.N.self_attn.{q,k,v}_proj.{weight,bias?}    [heads · headDim, hidden]
 *   model.layers.N.self_attn.{q,k}_norm.weight?             [headDim]
 *   model.layers.N.self_attn.o_proj.{weight,bias?}          [hidden, heads · headDim]
 *   model.layers.N.self_attn.rotary_emb.inv_freq?           [headDim / 2]      old ones; follows from the config
 *   model.layers.N.post_attention_layernorm.weight          [hidden]
 *   model.layers.N.mlp.{gate,up}_proj.{weight,bias?}        [intermediate, hidden]
 *   model.layers.N.mlp.down_proj.{weight,bias?}             [hidden, intermediate]
 *   model.norm.weight                                       [hidden]
 *   lm_head.weight                                          [vocab, hidden]    where tied: the embedding, or absent
 */
import type { ModelConfig } from './config.ts'
import { ModelFileError, someNames } from './model-file-error.ts'
import type { Weights } from './weights.ts'

export const LINEAR_KINDS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const
export type LinearKind = (typeof LINEAR_KINDS)[number]

/** A linear layer y = W x (+ b), W being [out, in]. */
export type LinearLayer = {
  /** Path of the module: "model.layers.0.self_attn.q_proj". Its tensors are `${module}.weight` and `${module}.bias`. */
  module: string
  layer: number
  kind: LinearKind
  in: number
  out: number
  bias: boolean
}

export const EMBEDDING = 'model.embed_tokens.weight'
export const FINAL_NORM = 'model.norm.weight'
export const OUTPUT = 'lm_head.weight'

export type WeightPlace = {
  name: string
  shape: readonly number[]
  /** A copy of what is known otherwise: may be absent, and must agree where it is there. */
  copyOf?: 'embedding' | 'frequencies'
}

/** All linear layers but the output, in the order of computation. */
export function linearLayers(config: ModelConfig): LinearLayer[] {
  const { hiddenSize: hidden, intermediateSize: inner, biases } = config
  const queries = config.headCount * config.headDim
  const keys = config.keyValueHeadCount * config.headDim
  const shapes: Record<LinearKind, { in: number; out: number; bias: boolean }> = {
    q_proj: { in: hidden, out: queries, bias: biases.queryKeyValue },
    k_proj: { in: hidden, out: keys, bias: biases.queryKeyValue },
    v_proj: { in: hidden, out: keys, bias: biases.queryKeyValue },
    o_proj: { in: queries, out: hidden, bias: biases.attentionOutput },
    gate_proj: { in: hidden, out: inner, bias: biases.mlp },
    up_proj: { in: hidden, out: inner, bias: biases.mlp },
    down_proj: { in: inner, out: hidden, bias: biases.mlp },
  }
  return Array.from({ length: config.layerCount }, (_, layer) =>
    LINEAR_KINDS.map((kind) => ({ module: moduleName(layer, kind), layer, kind, ...shapes[kind] })),
  ).flat()
}

const moduleName = (layer: number, kind: LinearKind) =>
  `model.layers.${layer}.${/^[qkvo]_/.test(kind) ? 'self_attn' : 'mlp'}.${kind}`

/** The places of all tensors, in the order of computation. */
export function weightPlaces(config: ModelConfig): WeightPlace[] {
  const { hiddenSize: hidden, vocabSize: vocab, headDim } = config
  const linears = Map.groupBy(linearLayers(config), ({ layer }) => layer)
  const places: WeightPlace[] = [{ name: EMBEDDING, shape: [vocab, hidden] }]
  for (let layer = 0; layer < config.layerCount; layer++) {
    const prefix = `model.layers.${layer}`
    places.push({ name: `${prefix}.input_layernorm.weight`, shape: [hidden] })
    for (const linear of linears.get(layer)!) {
      places.push({ name: `${linear.module}.weight`, shape: [linear.out, linear.in] })
      if (linear.bias) places.push({ name: `${linear.module}.bias`, shape: [linear.out] })
    }
    if (config.queryKeyNorm) {
      places.push({ name: `${prefix}.self_attn.q_norm.weight`, shape: [headDim] })
      places.push({ name: `${prefix}.self_attn.k_norm.weight`, shape: [headDim] })
    }
    places.push({ name: `${prefix}.self_attn.rotary_emb.inv_freq`, shape: [headDim / 2], copyOf: 'frequencies' })
    places.push({ name: `${prefix}.post_attention_layernorm.weight`, shape: [hidden] })
  }
  places.push({ name: FINAL_NORM, shape: [hidden] })
  places.push({ name: OUTPUT, shape: [vocab, hidden], ...(config.tiedEmbeddings && { copyOf: 'embedding' as const }) })
  return places
}

const WEIGHTS = 'weights'

/**
 * Every tensor has a place, every place a tensor, all of the right shape; else {@link ModelFileError} that lists the
 * names.
 */
export function checkWeightNames(
  places: readonly WeightPlace[],
  tensors: ReadonlyMap<string, { shape: readonly number[] }>,
): void {
  const fail = (field: string, reason: string) => new ModelFileError({ file: WEIGHTS, field, reason })
  const known = new Set(places.map(({ name }) => name))
  const placeless = [...tensors.keys()].filter((name) => !known.has(name))
  if (placeless.length) throw fail('tensors', `these have no place in the model: ${someNames(placeless)}`)
  const absent = places.filter(({ name, copyOf }) => !copyOf && !tensors.has(name)).map(({ name }) => name)
  if (absent.length) throw fail('tensors', `these are absent: ${someNames(absent)}`)
  for (const { name, shape } of places) {
    const found = tensors.get(name)?.shape
    if (found && found.join() !== shape.join())
      throw fail(name, `shape must be [${shape}] by the config, and is [${found}]`)
  }
}

/** Elements compared at once. */
const CHUNK = 1_048_576

/** Tensors that repeat something else must repeat it. Throws {@link ModelFileError}. */
export async function checkCopies(
  config: ModelConfig,
  places: readonly WeightPlace[],
  weights: Weights,
): Promise<void> {
  for (const { name, shape, copyOf } of places) {
    if (!copyOf || !weights.tensors.has(name)) continue
    if (copyOf === 'frequencies') await checkFrequencies(config, name, weights)
    else await checkTied(name, shape[0]! * shape[1]!, weights)
  }
}

async function checkTied(name: string, count: number, weights: Weights): Promise<void> {
  for (let start = 0; start < count; start += CHUNK) {
    const range = { start, end: Math.min(start + CHUNK, count) }
    const copy = await weights.read(name, range)
    const embedding = await weights.read(EMBEDDING, range)
    const at = copy.findIndex((value, index) => value !== embedding[index])
    if (at < 0) continue
    const reason = `must equal ${EMBEDDING}, as tie_word_embeddings says; element ${start + at} differs`
    throw new ModelFileError({ file: WEIGHTS, field: name, value: copy[at], reason })
  }
}

/** Unscaled frequencies, whatever the scaling; to 1 %, as they were saved in as little as bf16. */
async function checkFrequencies(config: ModelConfig, name: string, weights: Weights): Promise<void> {
  for (const [index, value] of (await weights.read(name)).entries()) {
    const expected = config.rope.theta ** ((-2 * index) / config.headDim)
    if (Math.abs(value - expected) <= 0.01 * expected) continue
    const reason = `must follow from rope_theta ${config.rope.theta}; element ${index} should be ${expected}`
    throw new ModelFileError({ file: WEIGHTS, field: name, value, reason })
  }
}
