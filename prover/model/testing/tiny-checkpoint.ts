/**
 * Tiny random checkpoints of every family, with a config.json as its makers write it. Values are multiples of 1/64
 * below 1 in size, which f32, f16 and bf16 all hold exactly, so the same model comes back from each.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { trainBytePairs } from '../../train/bpe-trainer.ts'
import { encodeVocabulary } from '../byte-pair-vocabulary.ts'
import { type ModelConfig, parseConfig } from '../config.ts'
import type { FloatFormat } from '../float-formats.ts'
import { writeSafetensors } from '../safetensors.ts'
import { weightPlaces } from '../weight-names.ts'

export type TinyFamily = keyof typeof TINY_CONFIGS

const SIZES = {
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 24,
  vocab_size: 300,
  hidden_act: 'silu',
  initializer_range: 0.02,
  use_cache: true,
  attention_dropout: 0,
  torch_dtype: 'bfloat16',
}

export const TINY_CONFIGS = {
  /** LLaMA 3.2: tied, scaled RoPE, several end tokens. */
  llama: {
    ...SIZES,
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    num_key_value_heads: 2,
    head_dim: 4,
    max_position_embeddings: 131_072,
    rms_norm_eps: 1e-5,
    rope_theta: 500_000,
    rope_scaling: {
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
      rope_type: 'llama3',
    },
    tie_word_embeddings: true,
    attention_bias: false,
    mlp_bias: false,
    pretraining_tp: 1,
    bos_token_id: 0,
    eos_token_id: [1, 2],
  },
  /** Mistral 7B v0.1: a sliding window in every layer. */
  mistral: {
    ...SIZES,
    architectures: ['MistralForCausalLM'],
    model_type: 'mistral',
    num_key_value_heads: 2,
    max_position_embeddings: 32_768,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    sliding_window: 8,
    tie_word_embeddings: false,
    bos_token_id: 1,
    eos_token_id: 2,
  },
  /** Qwen2.5: biases on query, key and value; here with a window in the upper layer. */
  qwen2: {
    ...SIZES,
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    num_key_value_heads: 2,
    max_position_embeddings: 32_768,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    rope_scaling: { factor: 4, original_max_position_embeddings: 32_768, type: 'yarn' },
    use_sliding_window: true,
    sliding_window: 8,
    max_window_layers: 1,
    tie_word_embeddings: false,
    bos_token_id: 0,
    eos_token_id: 1,
  },
  /** Qwen3: norms on each head's query and key, heads wider together than the stream. */
  qwen3: {
    ...SIZES,
    architectures: ['Qwen3ForCausalLM'],
    model_type: 'qwen3',
    num_key_value_heads: 1,
    head_dim: 8,
    max_position_embeddings: 40_960,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    rope_scaling: null,
    use_sliding_window: false,
    sliding_window: null,
    max_window_layers: 2,
    attention_bias: false,
    tie_word_embeddings: true,
    bos_token_id: 0,
    eos_token_id: 1,
  },
  /** DeepSeek's dense ones: as many key heads as query heads; Coder divides positions. */
  deepseek: {
    ...SIZES,
    architectures: ['DeepseekForCausalLM'],
    model_type: 'deepseek',
    num_key_value_heads: 4,
    max_position_embeddings: 16_384,
    rms_norm_eps: 1e-6,
    rope_theta: 100_000,
    rope_scaling: { factor: 4, type: 'linear' },
    n_routed_experts: null,
    n_shared_experts: null,
    moe_layer_freq: 1,
    first_k_dense_replace: 0,
    attention_bias: false,
    tie_word_embeddings: false,
    bos_token_id: 0,
    eos_token_id: 1,
  },
}

export const TINY_FAMILIES = Object.keys(TINY_CONFIGS) as readonly TinyFamily[]

export const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

export const tinyConfig = (family: TinyFamily): ModelConfig => parseConfig(encodeJson(TINY_CONFIGS[family]))

/** Multiples of 1/64 in (−1, 1), from a linear congruential generator (Numerical Recipes' constants). */
export function tinyValues(count: number, seed: number): Float32Array {
  let state = seed >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return ((state >>> 16) % 127) / 64 - 63 / 64
  })
}

export type TinyTensor = { name: string; shape: readonly number[]; values: Float32Array }

/** The tensors of {@link weightPlaces} that are no copies. */
export function tinyTensors(config: ModelConfig): TinyTensor[] {
  return weightPlaces(config)
    .filter(({ copyOf }) => !copyOf)
    .map(({ name, shape }, index) => {
      const count = shape.reduce((product, dimension) => product * dimension, 1)
      return { name, shape, values: tinyValues(count, index + 1) }
    })
}

/** A tokenizer.json of our own, with 300 tokens. */
export function tinyTokenizer(): Uint8Array {
  const text =
    'pragma solidity; contract Token { function transfer(address to, uint256 value) public returns (bool) {} }'
  return encodeVocabulary(trainBytePairs([text], { vocabSize: 300, specials: ['<|begin|>', '<|end|>'], minCount: 1 }))
}

/** Writes a folder with those tensors, in one file or in shards with an index. Returns its config. */
export async function writeTinyFolder(
  directory: string,
  family: TinyFamily,
  { dtype = 'BF16', shards = 1 }: { dtype?: FloatFormat; shards?: number } = {},
): Promise<ModelConfig> {
  const config = tinyConfig(family)
  const tensors = tinyTensors(config).map((tensor) => ({ ...tensor, dtype }))
  await writeFile(join(directory, 'config.json'), encodeJson(TINY_CONFIGS[family]))
  await writeFile(join(directory, 'tokenizer.json'), tinyTokenizer())
  if (shards === 1) {
    await writeSafetensors(join(directory, 'model.safetensors'), tensors)
    return config
  }
  const fileOf = (index: number) => `model-0000${(index % shards) + 1}-of-0000${shards}.safetensors`
  for (let shard = 0; shard < shards; shard++) {
    const part = tensors.filter((_, index) => index % shards === shard)
    await writeSafetensors(join(directory, fileOf(shard)), part)
  }
  const weight_map = Object.fromEntries(tensors.map(({ name }, index) => [name, fileOf(index)]))
  await writeFile(join(directory, 'model.safetensors.index.json'), encodeJson({ metadata: {}, weight_map }))
  return config
}
