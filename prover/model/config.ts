/**
 * config.json of a Hugging Face folder, brought to one normal form for all LLaMA-like decoders. The defaults of absent
 * fields are those of transformers' configuration classes (models/{llama,mistral,qwen2,qwen3}/configuration_*.py, and
 * DeepSeek's own for the first "deepseek" models); sizes without a telling default must stand there.
 *
 * Which fields matter: the architecture decides what the computation reads, and only that is read here. Other fields
 * are ignored, but for those in REFUSED, which belong to computations that we do not have (experts, quantised weights,
 * soft caps …): set to anything but their neutral value, they are an error that names them.
 */
import { z } from 'zod'
import type { FloatFormat } from './float-formats.ts'
import { ModelFileError } from './model-file-error.ts'
import { parseRope, type Rope, ropeFields } from './rope.ts'
import { parseFields, parseJson } from './strict-json.ts'

export const CONFIG_FILE = 'config.json'
export const MAX_CONFIG_BYTES = 1024 * 1024
export const MAX_VOCABULARY = 1_048_576

export type Architecture = keyof typeof ARCHITECTURES

export type ModelConfig = {
  architecture: Architecture
  /** Width of the residual stream. */
  hiddenSize: number
  layerCount: number
  /** Query heads; a multiple of keyValueHeadCount. */
  headCount: number
  keyValueHeadCount: number
  /** Coordinates of a head; even. headCount · headDim may differ from hiddenSize. */
  headDim: number
  intermediateSize: number
  vocabSize: number
  rmsNormEpsilon: number
  rope: Rope
  /** The output layer is the embedding, transposed. */
  tiedEmbeddings: boolean
  biases: { queryKeyValue: boolean; attentionOutput: boolean; mlp: boolean }
  /** An RMS norm over each head's query and key, before RoPE (Qwen3). */
  queryKeyNorm: boolean
  /** A token at t sees the keys in (t − size, t], in the layers marked true; all of [0, t] elsewhere. */
  slidingWindow: { size: number; layers: readonly boolean[] } | undefined
  maxPositions: number
  beginId: number | undefined
  /** Any of them ends a text. */
  endIds: readonly number[]
}

type ArchitectureRule = {
  modelType: string
  /** "field": as attention_bias says, the output's too. "always": on query, key and value only. */
  attentionBias: 'field' | 'always' | 'never'
  mlpBias: boolean
  queryKeyNorm: boolean
  /**
   * "all": every layer where sliding_window is a number. "some": use_sliding_window, max_window_layers or layer_types.
   */
  windows: 'all' | 'some' | 'none'
  headDim: number | undefined
  /** Whether num_key_value_heads may be absent, and is num_attention_heads then. */
  headsAlone: boolean
  beginId: number | undefined
  endId: number | undefined
}

const LLAMA: ArchitectureRule = {
  modelType: 'llama',
  attentionBias: 'field',
  mlpBias: true,
  queryKeyNorm: false,
  windows: 'none',
  headDim: undefined,
  headsAlone: true,
  beginId: 1,
  endId: 2,
}

const ARCHITECTURES = {
  LlamaForCausalLM: LLAMA,
  MistralForCausalLM: {
    ...LLAMA,
    modelType: 'mistral',
    attentionBias: 'never',
    mlpBias: false,
    windows: 'all',
    headsAlone: false,
  },
  Qwen2ForCausalLM: {
    ...LLAMA,
    modelType: 'qwen2',
    attentionBias: 'always',
    mlpBias: false,
    windows: 'some',
    headsAlone: false,
    beginId: undefined,
    endId: undefined,
  },
  Qwen3ForCausalLM: {
    ...LLAMA,
    modelType: 'qwen3',
    mlpBias: false,
    queryKeyNorm: true,
    windows: 'some',
    headDim: 128,
    headsAlone: false,
    beginId: undefined,
    endId: undefined,
  },
  /** The dense ones. DeepSeek LLM, Coder and the R1 distillations come as LlamaForCausalLM and Qwen2ForCausalLM. */
  DeepseekForCausalLM: { ...LLAMA, modelType: 'deepseek', mlpBias: false },
} as const satisfies Record<string, ArchitectureRule>

export const ARCHITECTURE_NAMES = Object.keys(ARCHITECTURES) as readonly Architecture[]

/** Fields that change what is computed, with the values at which they do not, and what they stand for. */
const REFUSED: readonly [field: string, neutral: readonly unknown[], what: string][] = [
  ['num_experts', [0, 1], 'a mixture of experts'],
  ['num_local_experts', [0, 1], 'a mixture of experts'],
  ['n_routed_experts', [0], 'a mixture of experts'],
  ['kv_lora_rank', [], 'multi-head latent attention'],
  ['q_lora_rank', [], 'multi-head latent attention'],
  ['quantization_config', [], 'quantised weights'],
  ['partial_rotary_factor', [1], 'rotating a part of each head'],
  ['attn_logit_softcapping', [], 'soft caps on attention'],
  ['final_logit_softcapping', [], 'soft caps on logits'],
  ['logit_scale', [1], 'scaled logits'],
  ['logits_scaling', [1], 'scaled logits'],
  ['embedding_multiplier', [1], 'scaled embeddings'],
  ['residual_multiplier', [1], 'scaled residuals'],
  ['attention_multiplier', [], 'scaled attention'],
  ['clip_qkv', [], 'clipped queries, keys and values'],
  ['no_rope_layers', [], 'layers without positions'],
  ['alibi', [false], 'ALiBi positions'],
  ['is_encoder_decoder', [false], 'an encoder'],
  ['add_cross_attention', [false], 'cross attention'],
  ['vision_config', [], 'images'],
  ['audio_config', [], 'sound'],
]

const whole = (max: number) =>
  z
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(max, `must be at most ${max}`)
const flag = z.boolean().nullish()
const tokenId = z
  .number()
  .int('must be a whole number')
  .min(0, 'must not be negative')
  .max(MAX_VOCABULARY - 1)

const configSchema = z.object({
  hidden_size: whole(65_536),
  num_hidden_layers: whole(512),
  num_attention_heads: whole(1_024),
  num_key_value_heads: whole(1_024).nullish(),
  head_dim: whole(1_024).nullish(),
  intermediate_size: whole(1_048_576),
  vocab_size: whole(MAX_VOCABULARY),
  max_position_embeddings: whole(2 ** 28),
  hidden_act: z.enum(['silu', 'swish'], 'only silu is supported').nullish(),
  rms_norm_eps: z.number().positive('must be above 0').max(0.1, 'must be at most 0.1').nullish(),
  tie_word_embeddings: flag,
  attention_bias: flag,
  mlp_bias: flag,
  use_sliding_window: flag,
  sliding_window: whole(2 ** 28).nullish(),
  max_window_layers: z.number().int('must be a whole number').min(0, 'must not be negative').nullish(),
  layer_types: z
    .array(z.enum(['full_attention', 'sliding_attention'], 'only full_attention and sliding_attention are supported'))
    .nullish(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId).max(64)], 'must be a token id or a list of them').nullish(),
})

type ConfigFields = z.output<typeof configSchema>

const architectureSchema = z.object({
  architectures: z.tuple(
    [z.enum(ARCHITECTURE_NAMES, `must be one of ${ARCHITECTURE_NAMES.join(', ')}`)],
    'must be a list of one architecture',
  ),
  model_type: z.string(),
})

/** Throws {@link ModelFileError} that names the first field that is wrong or stands for something unsupported. */
export function parseConfig(bytes: Uint8Array, file = CONFIG_FILE): ModelConfig {
  const json = parseJson(bytes, file)
  refuseUnsupported(json, file)
  const { architectures, model_type } = parseFields(architectureSchema, json, file)
  const architecture = architectures[0]
  const rule: ArchitectureRule = ARCHITECTURES[architecture]
  if (model_type !== rule.modelType) {
    const reason = `must be ${rule.modelType} for ${architecture}`
    throw new ModelFileError({ file, field: 'model_type', value: model_type, reason })
  }
  const fields = parseFields(configSchema, json, file)
  const biased = rule.attentionBias === 'field' ? (fields.attention_bias ?? false) : rule.attentionBias === 'always'
  return {
    architecture,
    hiddenSize: fields.hidden_size,
    layerCount: fields.num_hidden_layers,
    ...headsOf(fields, rule, file),
    intermediateSize: fields.intermediate_size,
    vocabSize: fields.vocab_size,
    rmsNormEpsilon: fields.rms_norm_eps ?? 1e-6,
    rope: parseRope(json, file),
    tiedEmbeddings: fields.tie_word_embeddings ?? false,
    biases: {
      queryKeyValue: biased,
      attentionOutput: biased && rule.attentionBias === 'field',
      mlp: rule.mlpBias && (fields.mlp_bias ?? false),
    },
    queryKeyNorm: rule.queryKeyNorm,
    slidingWindow: slidingWindowOf(fields, rule, file),
    maxPositions: fields.max_position_embeddings,
    ...endsOf(fields, rule, file),
  }
}

function refuseUnsupported(json: unknown, file: string): void {
  const fields = parseFields(z.record(z.string(), z.unknown()), json, file)
  for (const [field, neutral, what] of REFUSED) {
    const value = fields[field]
    if (value === undefined || value === null || neutral.includes(value)) continue
    throw new ModelFileError({ file, field, value, reason: `${what}: not supported` })
  }
}

function headsOf(fields: ConfigFields, rule: ArchitectureRule, file: string) {
  const headCount = fields.num_attention_heads
  if (fields.num_key_value_heads === undefined && !rule.headsAlone) {
    throw new ModelFileError({ file, field: 'num_key_value_heads', reason: 'must be given' })
  }
  const keyValueHeadCount = fields.num_key_value_heads ?? headCount
  if (headCount % keyValueHeadCount !== 0) {
    const reason = `must divide the ${headCount} attention heads`
    throw new ModelFileError({ file, field: 'num_key_value_heads', value: keyValueHeadCount, reason })
  }
  const headDim = fields.head_dim ?? rule.headDim ?? fields.hidden_size / headCount
  if (headDim % 2 !== 0) {
    throw new ModelFileError({ file, field: 'head_dim', value: headDim, reason: 'must be even: RoPE turns pairs' })
  }
  return { headCount, keyValueHeadCount, headDim }
}

function slidingWindowOf(fields: ConfigFields, rule: ArchitectureRule, file: string): ModelConfig['slidingWindow'] {
  const count = fields.num_hidden_layers
  const size =
    fields.sliding_window === undefined && rule.windows !== 'none' ? 4096 : (fields.sliding_window ?? undefined)
  if (rule.windows === 'none' && size !== undefined) {
    throw new ModelFileError({ file, field: 'sliding_window', value: size, reason: 'this architecture has none' })
  }
  const inUse = size !== undefined && (rule.windows === 'all' || (fields.use_sliding_window ?? false))
  const first = rule.windows === 'all' ? 0 : (fields.max_window_layers ?? 28)
  const byDepth = Array.from({ length: count }, (_, layer) => inUse && layer >= first)
  const layers = fields.layer_types?.map((type) => type === 'sliding_attention') ?? byDepth
  if (layers.length !== count) {
    throw new ModelFileError({ file, field: 'layer_types', value: layers.length, reason: `must name ${count} layers` })
  }
  // Where the other fields say it already, layer_types may only repeat them; without a window none can slide.
  const mayDiffer = rule.windows === 'some' && inUse
  if (!mayDiffer && layers.some((slides, layer) => slides !== byDepth[layer])) {
    const reason = 'disagrees with the fields on sliding windows'
    throw new ModelFileError({ file, field: 'layer_types', value: fields.layer_types, reason })
  }
  return size !== undefined && layers.includes(true) ? { size, layers } : undefined
}

function endsOf(fields: ConfigFields, rule: ArchitectureRule, file: string) {
  const orDefault = <T>(value: T | null | undefined, absent: T | undefined) =>
    value === undefined ? absent : (value ?? undefined)
  const beginId = orDefault(fields.bos_token_id, rule.beginId)
  const ends = orDefault<number | number[]>(fields.eos_token_id, rule.endId) ?? []
  const endIds = typeof ends === 'number' ? [ends] : ends
  for (const [field, id] of [
    ['bos_token_id', beginId],
    ...endIds.map((id) => ['eos_token_id', id] as const),
  ] as const) {
    if (id !== undefined && id >= fields.vocab_size) {
      throw new ModelFileError({ file, field, value: id, reason: `is beyond the vocabulary of ${fields.vocab_size}` })
    }
  }
  return { beginId, endIds }
}

const TORCH_NAMES: Record<FloatFormat, string> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }

/**
 * A config.json that {@link parseConfig} reads back to the same, and that transformers and vLLM read; `format` is what
 * the weights are stored in.
 */
export function encodeConfig(config: ModelConfig, format: FloatFormat = 'BF16'): Uint8Array {
  const rule: ArchitectureRule = ARCHITECTURES[config.architecture]
  const { slidingWindow } = config
  const fields = {
    architectures: [config.architecture],
    model_type: rule.modelType,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layerCount,
    num_attention_heads: config.headCount,
    num_key_value_heads: config.keyValueHeadCount,
    head_dim: config.headDim,
    intermediate_size: config.intermediateSize,
    vocab_size: config.vocabSize,
    max_position_embeddings: config.maxPositions,
    hidden_act: 'silu',
    rms_norm_eps: config.rmsNormEpsilon,
    tie_word_embeddings: config.tiedEmbeddings,
    ...(rule.attentionBias === 'field' && { attention_bias: config.biases.queryKeyValue }),
    ...(rule.mlpBias && { mlp_bias: config.biases.mlp }),
    ...(rule.windows === 'all' && { sliding_window: slidingWindow?.size ?? null }),
    ...(rule.windows === 'some' && {
      use_sliding_window: slidingWindow !== undefined,
      sliding_window: slidingWindow?.size ?? null,
      layer_types: slidingWindow?.layers.map((slides) => (slides ? 'sliding_attention' : 'full_attention')) ?? null,
    }),
    ...ropeFields(config.rope),
    bos_token_id: config.beginId ?? null,
    eos_token_id: config.endIds.length === 1 ? config.endIds[0] : config.endIds.length ? config.endIds : null,
    torch_dtype: TORCH_NAMES[format],
  }
  return new TextEncoder().encode(`${JSON.stringify(fields, undefined, 2)}\n`)
}
