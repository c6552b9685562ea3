/**
 * The known-answer test's part for models: the f32 kernel on small fixed inputs, from one product to a whole feature, and the
 * hashes that must come out (known-answers.json). Where a machine's arithmetic or its engine differs in one bit, its answers
 * and its attribution could not be repeated elsewhere, so it is not used.
 */
import { type Hex, keccak256 } from 'viem'
import { DIMS } from '../../protocol/row.ts'
import { createFeaturizer, featuresOf, queryFeatureOf } from '../features/features.ts'
import { observedModel } from '../features/observed-model.ts'
import {
  allocate,
  fillNormal,
  fillUniform,
  KERNEL_VERSION,
  type Kernel,
  matmul,
  read,
  scoped,
  softmax,
} from '../kernel/f32.ts'
import { type ModelConfig, parseConfig } from '../model/config.ts'
import { appendTokens, createKeyValueCache } from '../model/kv-cache.ts'
import { createAdapter, type LoraAdapter } from '../model/lora.ts'
import { randomTransformer, type Transformer } from '../model/transformer.ts'

export type KernelAnswers = {
  /** keccak256 of a matrix product. */
  product: Hex
  /** keccak256 of a softmax of its rows. */
  softmax: Hex
  /** keccak256 of a tiny tuned model's logits after a text: attention, its cache, norms, rotations. */
  logits: Hex
  /** keccak256 of a row's signs and of a query, by that model's gradients: the way back, whitening, projection. */
  feature: Hex
}

const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 6,
  intermediate_size: 40,
  vocab_size: 96,
  max_position_embeddings: 64,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  bos_token_id: 0,
  eos_token_id: 0,
}

/** Computes the test's values. The kernel's memory is as before afterwards. */
export function computeKernelAnswers(kernel: Kernel): KernelAnswers {
  return scoped(kernel, () => {
    const transformer = randomTransformer(kernel, tinyConfig(), 11n)
    const adapter = createAdapter(transformer, { rank: 2, alpha: 4, seed: 12n })
    let seed = 100n
    for (const { b } of adapter.layers.values()) fillNormal(kernel, b, { seed: seed++, deviation: 0.25 })
    return { ...ofOperations(kernel), logits: ofLogits(transformer, adapter), feature: ofFeature(transformer, adapter) }
  })
}

const tinyConfig = (): ModelConfig => parseConfig(new TextEncoder().encode(JSON.stringify(CONFIG)))

/** Tokens of the test's text. */
const TEXT = Uint32Array.from({ length: 41 }, (_, at) => (at * 37 + 5) % CONFIG.vocab_size)

function ofOperations(kernel: Kernel): Pick<KernelAnswers, 'product' | 'softmax'> {
  const [a, b] = [allocate(kernel, [37, 65]), allocate(kernel, [65, 51])]
  fillNormal(kernel, a, { seed: 1n, deviation: 1 })
  fillNormal(kernel, b, { seed: 2n, deviation: 1 })
  const out = allocate(kernel, [37, 51])
  matmul(kernel, { a, b, out })
  const product = hashOf(read(kernel, out))
  softmax(kernel, { x: out, out, scale: 0.25 })
  return { product, softmax: hashOf(read(kernel, out)) }
}

/** The text in two parts, as a text that is being written. */
function ofLogits(transformer: Transformer, adapter: LoraAdapter): Hex {
  return scoped(transformer.kernel, () => {
    const cache = createKeyValueCache(transformer, TEXT.length)
    appendTokens(transformer, adapter, cache, TEXT.subarray(0, 29))
    return hashOf(appendTokens(transformer, adapter, cache, TEXT.subarray(29)))
  })
}

/** The curvature's eigenvectors are the axes, its moments drawn. */
function ofFeature(transformer: Transformer, adapter: LoraAdapter): Hex {
  const { kernel } = transformer
  return scoped(kernel, () => {
    const model = observedModel(transformer, adapter)
    const blocks = model.layout.blocks.map(({ name, rows, columns }, index) => {
      const moments = allocate(kernel, [rows, columns])
      fillUniform(kernel, moments, { seed: 200n + BigInt(index), low: 0.001, high: 1 })
      return { name, rows, columns, left: axes(rows), right: axes(columns), moments: read(kernel, moments) }
    })
    const curvature = { kernelVersion: KERNEL_VERSION, passTokens: TEXT.length, labelSeed: 3n, examples: 1, blocks }
    const featurizer = createFeaturizer(model, curvature, { seed: 7n })
    const lexical = Int32Array.from({ length: DIMS }, (_, at) => (at % 997 === 5 ? at : 0))
    const pieces = [{ ids: TEXT.subarray(0, -1), targets: TEXT.subarray(1) }]
    const [row] = featuresOf(featurizer, [{ pieces, lexical }])
    const query = queryFeatureOf(featurizer, { pieces, lexical })
    if (!row || !query) throw new Error('the known-answer text has no feature')
    return keccak256(Uint8Array.from([...row.signs, row.scale >> 8, row.scale & 255, ...new Uint8Array(query.buffer)]))
  })
}

function axes(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0))
}

/** Over the floats' bytes, little endian. */
function hashOf(values: Float32Array): Hex {
  const bytes = new DataView(new ArrayBuffer(4 * values.length))
  values.forEach((value, at) => {
    bytes.setFloat32(4 * at, value, true)
  })
  return keccak256(new Uint8Array(bytes.buffer))
}
