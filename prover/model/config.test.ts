import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ARCHITECTURE_NAMES, encodeConfig, type ModelConfig, parseConfig } from './config.ts'
import { ModelFileError } from './model-file-error.ts'
import type { RopeScaling } from './rope.ts'
import { encodeJson, TINY_CONFIGS, TINY_FAMILIES, tinyConfig } from './testing/tiny-checkpoint.ts'

const { llama, mistral, qwen2, qwen3, deepseek } = TINY_CONFIGS
const parse = (fields: Record<string, unknown>) => parseConfig(encodeJson(fields))
const without = (fields: Record<string, unknown>, name: string) => ({ ...fields, [name]: undefined })

describe('a config', () => {
  it('of LLaMA 3.2 has tied embeddings, RoPE scaled by wavelength and several ends', () => {
    expect(tinyConfig('llama')).toEqual({
      architecture: 'LlamaForCausalLM',
      hiddenSize: 16,
      layerCount: 2,
      headCount: 4,
      keyValueHeadCount: 2,
      headDim: 4,
      intermediateSize: 24,
      vocabSize: 300,
      rmsNormEpsilon: 1e-5,
      rope: {
        theta: 500_000,
        scaling: {
          type: 'llama3',
          factor: 32,
          lowFrequencyFactor: 1,
          highFrequencyFactor: 4,
          originalMaxPositions: 8192,
        },
      },
      tiedEmbeddings: true,
      biases: { queryKeyValue: false, attentionOutput: false, mlp: false },
      queryKeyNorm: false,
      slidingWindow: undefined,
      maxPositions: 131_072,
      beginId: 0,
      endIds: [1, 2],
    } satisfies ModelConfig)
  })

  it('of Mistral has a window in every layer; where it says null, in none; where it says nothing, of 4,096', () => {
    expect(tinyConfig('mistral').slidingWindow).toEqual({ size: 8, layers: [true, true] })
    expect(parse({ ...mistral, sliding_window: null }).slidingWindow).toBeUndefined()
    expect(parse(without(mistral, 'sliding_window')).slidingWindow).toEqual({ size: 4096, layers: [true, true] })
  })

  it('of Qwen2 has biases on query, key and value, and windows in upper layers or where layer_types says', () => {
    expect(tinyConfig('qwen2').biases).toEqual({ queryKeyValue: true, attentionOutput: false, mlp: false })
    expect(tinyConfig('qwen2').slidingWindow).toEqual({ size: 8, layers: [false, true] })
    expect(parse({ ...qwen2, use_sliding_window: false }).slidingWindow).toBeUndefined()
    const layer_types = ['sliding_attention', 'full_attention']
    expect(parse({ ...qwen2, layer_types }).slidingWindow).toEqual({ size: 8, layers: [true, false] })
  })

  it('of Qwen3 has norms on query and key and heads of 128 where it does not say', () => {
    expect(tinyConfig('qwen3')).toMatchObject({ queryKeyNorm: true, headDim: 8, headCount: 4, hiddenSize: 16 })
    expect(parse(without(qwen3, 'head_dim')).headDim).toBe(128)
  })

  it('of a dense DeepSeek is a LLaMA with divided positions', () => {
    expect(tinyConfig('deepseek')).toMatchObject({
      rope: { theta: 100_000, scaling: { type: 'linear', factor: 4 } },
      queryKeyNorm: false,
      keyValueHeadCount: 4,
    })
  })

  it('of an old LLaMA may leave out key heads, theta and end tokens', () => {
    const { num_key_value_heads, rope_theta, rope_scaling, bos_token_id, eos_token_id, head_dim, ...old } = llama
    const config = parse(old)
    expect(config).toMatchObject({ keyValueHeadCount: 4, headDim: 4, beginId: 1, endIds: [2] })
    expect(config.rope).toEqual({ theta: 10_000, scaling: { type: 'none' } })
  })

  it('may state RoPE in one field, as newer ones do', () => {
    const { rope_theta, rope_scaling, ...rest } = llama
    expect(parse({ ...rest, rope_parameters: { rope_theta, ...rope_scaling } })).toEqual(tinyConfig('llama'))
    const rope_parameters = { rope_theta: 5e5, rope_type: 'default' }
    expect(parse({ ...rest, rope_parameters }).rope).toEqual({ theta: 5e5, scaling: { type: 'none' } })
  })

  it('has yarn with its defaults, or with a factor of its own', () => {
    const scaling = (more: object) => parse({ ...qwen2, rope_scaling: { ...qwen2.rope_scaling, ...more } }).rope.scaling
    const yarn = { type: 'yarn', factor: 4, originalMaxPositions: 32_768, betaFast: 32, betaSlow: 1, truncate: true }
    expect(scaling({})).toEqual({ ...yarn, attention: { mscale: 1, mscaleAllDim: 0 } })
    expect(scaling({ attention_factor: 1.5 })).toEqual({ ...yarn, attention: { factor: 1.5 } })
    expect(scaling({ mscale: 0.7, mscale_all_dim: 0.9 })).toEqual({
      ...yarn,
      attention: { mscale: 0.7, mscaleAllDim: 0.9 },
    })
  })

  it('is not changed by fields that the computation does not read', () => {
    const more = { transformers_version: '4.51.0', _name_or_path: '/x', pad_token_id: null, some_new_field: [1, 2] }
    expect(parse({ ...llama, ...more })).toEqual(tinyConfig('llama'))
  })

  it.each<[string, Record<string, unknown>, string]>([
    [
      'architecture',
      { architectures: ['GPT2LMHeadModel'] },
      'config.json: architectures.0: must be one of LlamaForCausalLM, ',
    ],
    ['architectures', { architectures: [] }, 'config.json: architectures: must be a list of one architecture'],
    ['model type', { model_type: 'mistral' }, 'model_type: must be llama for LlamaForCausalLM, got "mistral"'],
    ['experts', { num_local_experts: 8 }, 'num_local_experts: a mixture of experts: not supported, got 8'],
    ['routed experts', { n_routed_experts: 64 }, 'n_routed_experts: a mixture of experts: not supported, got 64'],
    ['latent attention', { kv_lora_rank: 512 }, 'kv_lora_rank: multi-head latent attention: not supported'],
    [
      'quantised weights',
      { quantization_config: {} },
      'quantization_config: quantised weights: not supported, got an object',
    ],
    ['activation', { hidden_act: 'gelu' }, 'hidden_act: only silu is supported, got "gelu"'],
    [
      'RoPE',
      { rope_scaling: { type: 'dynamic', factor: 2 } },
      'rope_scaling.rope_type: only default, linear, llama3 and yarn',
    ],
    ['RoPE twice', { rope_parameters: {} }, 'rope_scaling: stands beside rope_parameters'],
    [
      'RoPE of two types',
      { rope_scaling: { type: 'yarn', rope_type: 'linear' } },
      'rope_scaling.type: disagrees with rope_type',
    ],
    [
      'a part of a head',
      { rope_scaling: { partial_rotary_factor: 0.5 } },
      'rope_scaling.partial_rotary_factor: only whole heads',
    ],
    ['factor', { rope_scaling: { type: 'linear', factor: 0.5 } }, 'rope_scaling.factor: must be at least 1, got 0.5'],
    [
      'unknown part of RoPE',
      { rope_scaling: { type: 'linear', factor: 2, mrope_section: [1] } },
      'rope_scaling.mrope_section: ',
    ],
    ['heads', { num_key_value_heads: 3 }, 'num_key_value_heads: must divide the 4 attention heads, got 3'],
    ['odd heads', { head_dim: 5 }, 'head_dim: must be even'],
    ['size', { hidden_size: 1e9 }, 'hidden_size: must be at most 65536'],
    ['fraction', { num_hidden_layers: 1.5 }, 'num_hidden_layers: must be a whole number'],
    ['text', { vocab_size: '300' }, 'vocab_size: must be a number, got "300"'],
    ['end', { eos_token_id: 300 }, 'eos_token_id: is beyond the vocabulary of 300, got 300'],
    ['window', { sliding_window: 8 }, 'sliding_window: this architecture has none, got 8'],
    ['layers', { layer_types: ['full_attention'] }, 'layer_types: must name 2 layers, got 1'],
    [
      'layer',
      { layer_types: ['linear_attention', 'full_attention'] },
      'layer_types.0: only full_attention and sliding_attention',
    ],
  ])('is refused by name: %s', (_, fields, message) => {
    expect(() => parse({ ...llama, ...fields })).toThrow(message)
    expect(() => parse({ ...llama, ...fields })).toThrow(ModelFileError)
  })

  it.each(['hidden_size', 'num_hidden_layers', 'intermediate_size', 'vocab_size', 'architectures', 'model_type'])(
    'is refused without %s',
    (field) => {
      expect(() => parse(without(llama, field))).toThrow(`config.json: ${field}: `)
    },
  )

  it('is refused without key heads where the default would be a guess', () => {
    expect(() => parse(without(mistral, 'num_key_value_heads'))).toThrow('num_key_value_heads: must be given')
    expect(parse(without(deepseek, 'num_key_value_heads')).keyValueHeadCount).toBe(4)
  })
})

const scalings = fc.constantFrom<RopeScaling>(
  { type: 'none' },
  { type: 'linear', factor: 2.5 },
  { type: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalMaxPositions: 8192 },
  ...[{ factor: 1.25 }, { mscale: 1, mscaleAllDim: 0 }, { mscale: 0.7, mscaleAllDim: 0.9 }].map(
    (attention): RopeScaling => ({
      ...{ type: 'yarn', factor: 4, originalMaxPositions: 4096, betaFast: 30, betaSlow: 2, truncate: false, attention },
    }),
  ),
)

describe('a written config', () => {
  it.each(TINY_FAMILIES)('of %s reads back to the same', (family) => {
    expect(parseConfig(encodeConfig(tinyConfig(family)))).toEqual(tinyConfig(family))
  })

  it('reads back to the same, whatever it says', () => {
    const changes = fc.record({
      architecture: fc.constantFrom(...ARCHITECTURE_NAMES),
      tied: fc.boolean(),
      scaling: scalings,
      theta: fc.constantFrom(1e4, 1e6),
      endIds: fc.array(fc.integer({ min: 0, max: 299 }), { maxLength: 3 }),
      beginId: fc.option(fc.integer({ min: 0, max: 299 }), { nil: undefined }),
      layers: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
      biased: fc.boolean(),
    })
    const family = { Llama: 'llama', Mistral: 'mistral', Qwen2: 'qwen2', Qwen3: 'qwen3', Deepseek: 'deepseek' } as const
    fc.assert(
      fc.property(changes, ({ architecture, tied, scaling, theta, endIds, beginId, layers, biased }) => {
        const base = tinyConfig(family[architecture.replace('ForCausalLM', '') as keyof typeof family])
        const windows = architecture.startsWith('Qwen') && layers.includes(true)
        const mayBias = !/^(Mistral|Qwen2)/.test(architecture)
        const config: ModelConfig = {
          ...base,
          tiedEmbeddings: tied,
          rope: { theta, scaling },
          endIds,
          beginId,
          ...(architecture.startsWith('Qwen') && { slidingWindow: windows ? { size: 9, layers } : undefined }),
          ...(mayBias && { biases: { queryKeyValue: biased, attentionOutput: biased, mlp: false } }),
        }
        expect(parseConfig(encodeConfig(config))).toEqual(config)
      }),
    )
  })
})

describe('any change of a config', () => {
  it('gives a ModelFileError or a config', () => {
    const good = encodeJson(llama)
    const change = fc.tuple(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 32, max: 126 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = good.slice()
        for (const [at, value] of changes) bytes[at] = value
        try {
          expect(parseConfig(bytes).layerCount).toBeLessThanOrEqual(512)
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('to any JSON at any field does too', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(llama)), fc.jsonValue(), (field, value) => {
        try {
          parse({ ...llama, [field]: value })
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
