/** config.json of tiny models of every family, as its makers write it; without a file, in a browser too. */
import { type ModelConfig, parseConfig } from '../config.ts'

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
