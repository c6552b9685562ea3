import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import {
  type AdapterConfig,
  adapterPlaces,
  encodeAdapterConfig,
  parseAdapterConfig,
  vllmObjection,
} from './adapter-config.ts'
import { ModelFileError } from './model-file-error.ts'
import { type Adapter, readAdapter, writeAdapter } from './peft.ts'
import { encodeSafetensors, openSafetensors, type TensorToWrite, writeSafetensors } from './safetensors.ts'
import { encodeJson, tinyConfig, tinyValues } from './testing/tiny-checkpoint.ts'
import { linearLayers } from './weight-names.ts'

const MODEL = tinyConfig('qwen3')
const CONFIG: AdapterConfig = {
  rank: 4,
  alpha: 8,
  rankPattern: [],
  alphaPattern: [],
  rsLora: false,
  targetModules: ['q_proj', 'v_proj'],
  excludeModules: undefined,
  layersToTransform: undefined,
  dropout: 0,
  baseModel: undefined,
}

/** adapter_config.json as PEFT 0.14 writes it. */
const PEFT_FIELDS = {
  alpha_pattern: {},
  auto_mapping: null,
  base_model_name_or_path: 'Qwen/Qwen3-0.6B',
  bias: 'none',
  eva_config: null,
  exclude_modules: null,
  fan_in_fan_out: false,
  inference_mode: true,
  init_lora_weights: true,
  layer_replication: null,
  layers_pattern: null,
  layers_to_transform: null,
  loftq_config: {},
  lora_alpha: 8,
  lora_bias: false,
  lora_dropout: 0.05,
  megatron_config: null,
  megatron_core: 'megatron.core',
  modules_to_save: null,
  peft_type: 'LORA',
  r: 4,
  rank_pattern: {},
  revision: null,
  target_modules: ['v_proj', 'q_proj'],
  task_type: 'CAUSAL_LM',
  use_dora: false,
  use_rslora: false,
}

function adapterOf(config: AdapterConfig): Adapter {
  const layers = adapterPlaces(config, MODEL).map((place, index) => ({
    ...place,
    a: tinyValues(place.rank * place.in, 2 * index),
    b: tinyValues(place.out * place.rank, 2 * index + 1),
  }))
  return { config, layers }
}

const modulesOf = (config: Partial<AdapterConfig>) =>
  adapterPlaces({ ...CONFIG, ...config }, MODEL).map(({ module }) => module.replace('model.layers.', ''))

describe('the layers of an adapter', () => {
  it('are those whose path a name ends', () => {
    expect(modulesOf({})).toEqual([
      '0.self_attn.q_proj',
      '0.self_attn.v_proj',
      '1.self_attn.q_proj',
      '1.self_attn.v_proj',
    ])
    expect(modulesOf({ targetModules: ['model.layers.1.mlp.up_proj', '0.mlp.up_proj'] })).toEqual([
      '0.mlp.up_proj',
      '1.mlp.up_proj',
    ])
  })

  it('are those that a regular expression matches whole', () => {
    expect(modulesOf({ targetModules: String.raw`.*\.1\..*(q|up)_proj` })).toEqual([
      '1.self_attn.q_proj',
      '1.mlp.up_proj',
    ])
  })

  it('are all linear ones but the output', () => {
    expect(modulesOf({ targetModules: 'all-linear' })).toHaveLength(14)
  })

  it('are without those excluded, and only in the layers to transform', () => {
    expect(modulesOf({ excludeModules: ['0.self_attn.q_proj'] })).toHaveLength(3)
    expect(modulesOf({ excludeModules: '.*v_proj' })).toEqual(['0.self_attn.q_proj', '1.self_attn.q_proj'])
    expect(modulesOf({ layersToTransform: [1] })).toEqual(['1.self_attn.q_proj', '1.self_attn.v_proj'])
  })

  it('have shapes from the base, rank and scale from the config', () => {
    expect(adapterPlaces({ ...CONFIG, targetModules: ['o_proj'] }, MODEL)[0]).toEqual({
      ...{ module: 'model.layers.0.self_attn.o_proj', layer: 0, kind: 'o_proj', in: 32, out: 16, bias: false },
      ...{ rank: 4, scale: 2 },
    })
    expect(adapterPlaces({ ...CONFIG, rsLora: true }, MODEL)[0]!.scale).toBe(4)
  })

  it('take rank and alpha from the first pattern that matches the path or its end', () => {
    const places = adapterPlaces(
      {
        ...CONFIG,
        rankPattern: [
          ['0.self_attn.q_proj', 2],
          [String.raw`layers\.\d+\.self_attn\.[qk]_proj`, 16],
        ],
        alphaPattern: [
          ['v_proj', 12],
          ['lf_attn.q_proj', 99], // no end after a dot: matches nothing
        ],
      },
      MODEL,
    )
    expect(places.map(({ rank, scale }) => [rank, scale])).toEqual([
      [2, 4],
      [4, 3],
      [16, 0.5],
      [4, 3],
    ])
  })

  it.each<[Partial<AdapterConfig>, string]>([
    [{ targetModules: ['q_proj', 'c_attn'] }, 'target_modules.1: is no linear layer within the blocks, got "c_attn"'],
    [{ targetModules: ['lm_head'] }, 'target_modules.0: is no linear layer within the blocks'],
    [{ targetModules: 'nothing' }, 'target_modules: matches no linear layer of the model, got "nothing"'],
    [{ targetModules: '(?!x).*' }, 'target_modules: has a group that is not read: (?!'],
    [{ rankPattern: [['(a', 2]] }, 'rank_pattern.(a: leaves a group open'],
    [{ layersToTransform: [7] }, 'target_modules: matches no linear layer of the model'],
  ])('cannot be %j', (config, message) => {
    expect(() => adapterPlaces({ ...CONFIG, ...config }, MODEL)).toThrow(`adapter_config.json: ${message}`)
  })
})

describe('adapter_config.json', () => {
  const parse = (fields: object) => parseAdapterConfig(encodeJson({ ...PEFT_FIELDS, ...fields }))

  it('as PEFT writes it is read', () => {
    expect(parse({})).toEqual({
      ...CONFIG,
      targetModules: ['v_proj', 'q_proj'],
      dropout: 0.05,
      baseModel: 'Qwen/Qwen3-0.6B',
    })
    expect(parse({ layers_to_transform: 1, layers_pattern: 'layers' }).layersToTransform).toEqual([1])
  })

  it('reads back to what was written', () => {
    const name = fc.stringMatching(/^[a-z_.]{1,12}$/).filter((text) => text !== '__proto__')
    const pattern = fc.tuple(name, fc.integer({ min: 1, max: 64 }))
    const patterns = fc.uniqueArray(pattern, { selector: ([name]) => name, maxLength: 3 })
    const config = fc.record<AdapterConfig>({
      rank: fc.integer({ min: 1, max: 256 }),
      alpha: fc.constantFrom(1, 16, 0.5),
      rankPattern: patterns,
      alphaPattern: patterns,
      rsLora: fc.boolean(),
      targetModules: fc.constantFrom<AdapterConfig['targetModules']>(['q_proj'], '.*_proj', 'all-linear'),
      excludeModules: fc.constantFrom<AdapterConfig['excludeModules']>(undefined, ['k_proj'], 'x'),
      layersToTransform: fc.constant(undefined),
      dropout: fc.constantFrom(0, 0.1),
      baseModel: fc.constantFrom(undefined, 'base'),
    })
    fc.assert(
      fc.property(config, (given) => {
        expect(parseAdapterConfig(encodeAdapterConfig(given))).toEqual(given)
      }),
    )
  })

  it.each<[object, string]>([
    [{ modules_to_save: ['lm_head'] }, 'modules_to_save: is not supported, got an array of 1'],
    [{ bias: 'all' }, 'bias: only "none" is supported: biases are not adapted, got "all"'],
    [{ use_dora: true }, 'use_dora: is not supported, got true'],
    [{ lora_bias: true }, 'lora_bias: is not supported'],
    [{ trainable_token_indices: [1] }, 'trainable_token_indices: is not supported'],
    [{ layer_replication: [[0, 1]] }, 'layer_replication: is not supported'],
    [{ use_something_new: true }, 'use_something_new: is not supported, got true'],
    [{ fan_in_fan_out: true }, 'fan_in_fan_out: must be false'],
    [{ init_lora_weights: 'pissa' }, 'init_lora_weights: changes the weights of the base, got "pissa"'],
    [{ peft_type: 'IA3' }, 'peft_type: only LORA is supported, got "IA3"'],
    [{ task_type: 'SEQ_CLS' }, 'task_type: must be CAUSAL_LM'],
    [{ r: 0 }, 'r: must be at least 1, got 0'],
    [{ r: 1e9 }, 'r: must be at most 4096'],
    [{ lora_alpha: -1 }, 'lora_alpha: must be above 0'],
    [{ rank_pattern: { q_proj: 0.5 } }, 'rank_pattern.q_proj: must be a whole number, got 0.5'],
    [{ target_modules: null }, 'target_modules: must be a list of module names or a regular expression'],
    [{ target_modules: '.*', layers_to_transform: [0] }, 'layers_to_transform: stands only beside a list'],
    [{ layers_pattern: 'h' }, 'layers_pattern: must be "layers" or absent'],
  ])('with %j is refused by name', (fields, message) => {
    expect(() => parse(fields)).toThrow(`adapter_config.json: ${message}`)
    expect(() => parse(fields)).toThrow(ModelFileError)
  })

  it('gives a ModelFileError or a config for any JSON in any field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(PEFT_FIELDS)), fc.jsonValue(), (field, value) => {
        try {
          adapterPlaces(parse({ [field]: value }), MODEL)
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('an adapter folder', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('in %s comes back as it was written', async (dtype) => {
    const directory = await temporaryDirectory()
    const adapter = adapterOf({
      ...CONFIG,
      targetModules: 'all-linear',
      rsLora: true,
      rankPattern: [['0.mlp.up_proj', 2]],
      alphaPattern: [['down_proj', 3]],
    })
    await writeAdapter(directory, MODEL, adapter, dtype)
    expect(await readAdapter(directory, MODEL)).toEqual(adapter)
  })

  it("has PEFT's names and shapes", async () => {
    const directory = await temporaryDirectory()
    await writeAdapter(directory, MODEL, adapterOf({ ...CONFIG, layersToTransform: [0] }))
    const file = await openSafetensors(join(directory, 'adapter_model.safetensors'))
    expect([...file.tensors].map(([name, { shape }]) => [name, shape])).toEqual([
      ['base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight', [4, 16]],
      ['base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight', [32, 4]],
      ['base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight', [4, 16]],
      ['base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight', [8, 4]],
    ])
    await file.close()
    expect(JSON.parse(await readFile(join(directory, 'adapter_config.json'), 'utf8'))).toMatchObject({
      peft_type: 'LORA',
      r: 4,
      lora_alpha: 8,
      target_modules: ['q_proj', 'v_proj'],
      bias: 'none',
      modules_to_save: null,
    })
  })

  const prefix = 'base_model.model.model.layers.0.self_attn.q_proj'
  const tensors = (): TensorToWrite[] =>
    adapterOf({ ...CONFIG, layersToTransform: [0], targetModules: ['q_proj'] }).layers.flatMap(({ a, b }) => [
      { name: `${prefix}.lora_A.weight`, dtype: 'F32', shape: [4, 16], values: a },
      { name: `${prefix}.lora_B.weight`, dtype: 'F32', shape: [32, 4], values: b },
    ])
  const readWith = async (list: TensorToWrite[]) => {
    const directory = await temporaryDirectory()
    const fields = { ...PEFT_FIELDS, target_modules: ['q_proj'], layers_to_transform: [0] }
    await writeFile(join(directory, 'adapter_config.json'), encodeJson(fields))
    await writeSafetensors(join(directory, 'adapter_model.safetensors'), list)
    return readAdapter(directory, MODEL)
  }

  it('must have a place for each tensor and a tensor for each place, of the right shape', async () => {
    expect((await readWith(tensors())).layers).toHaveLength(1)
    const embedding: TensorToWrite = {
      ...{ name: 'base_model.model.model.embed_tokens.lora_embedding_A', dtype: 'F32' as const },
      ...{ shape: [1], values: new Float32Array(1) },
    }
    await expect(readWith([...tensors(), embedding])).rejects.toThrow(
      /^adapter_model.safetensors: tensors: these have no place .*lora_embedding_A$/,
    )
    await expect(readWith(tensors().slice(1))).rejects.toThrow(/these are absent: .*lora_A.weight$/)
    const turned = tensors().map((tensor) => ({ ...tensor, shape: tensor.shape.toReversed() }))
    await expect(readWith(turned)).rejects.toThrow(
      `${prefix}.lora_A.weight: shape must be [4,16] by the config and the base, and is [16,4]`,
    )
  })

  it('without its files, or with others in their place, says so', async () => {
    const directory = await temporaryDirectory()
    await expect(readAdapter(directory, MODEL)).rejects.toThrow('adapter_config.json: file: is absent')
    await writeFile(join(directory, 'adapter_config.json'), encodeJson(PEFT_FIELDS))
    await expect(readAdapter(directory, MODEL)).rejects.toThrow('adapter_model.safetensors: file: is absent')
    await mkdir(join(directory, 'adapter_model.safetensors'))
    await expect(readAdapter(directory, MODEL)).rejects.toThrow(
      'adapter_model.safetensors: file: is not a regular file',
    )
  })

  it('is not written with layers that its config does not speak of, or values that are not finite', async () => {
    const directory = await temporaryDirectory()
    const adapter = adapterOf(CONFIG)
    await expect(writeAdapter(directory, MODEL, { ...adapter, layers: adapter.layers.slice(1) })).rejects.toThrow(
      /layers: must be those of the config, each of its rank: model.layers.0.self_attn.q_proj$/,
    )
    await expect(writeAdapter(directory, MODEL, { ...adapter, config: { ...CONFIG, rank: 5 } })).rejects.toThrow(
      ModelFileError,
    )
    adapter.layers[1]!.b[3] = Number.NaN
    await expect(writeAdapter(directory, MODEL, adapter)).rejects.toThrow(
      'v_proj.lora_B.weight: element 3 is not a finite number, got NaN',
    )
  })

  it('gives a ModelFileError or an adapter for any change of its bytes', async () => {
    const directory = await temporaryDirectory()
    const fields = { ...PEFT_FIELDS, target_modules: ['q_proj'], layers_to_transform: [0] }
    const files = {
      'adapter_config.json': encodeJson(fields),
      'adapter_model.safetensors': encodeSafetensors(tensors()),
    }
    const name = fc.constantFrom('adapter_config.json' as const, 'adapter_model.safetensors' as const)
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(name, fc.array(change, { maxLength: 3 }), fc.option(fc.nat()), async (changed, changes, cut) => {
        for (const [file, good] of Object.entries(files)) {
          const bytes = good.slice(0, file === changed && cut !== null ? cut % good.length : good.length)
          // The header is where damage is interesting.
          const span = Math.min(bytes.length, 700)
          if (file === changed && span) for (const [at, value] of changes) bytes[at % span] = value
          await writeFile(join(directory, file), bytes)
        }
        try {
          await readAdapter(directory, MODEL)
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('vLLM', () => {
  it('takes one scale for all layers and ranks up to 64', () => {
    const objection = (config: Partial<AdapterConfig>) =>
      vllmObjection({ ...CONFIG, ...config }, adapterPlaces({ ...CONFIG, ...config }, MODEL))
    expect(objection({})).toBeUndefined()
    expect(objection({ rankPattern: [['v_proj', 2]], alphaPattern: [['v_proj', 4]] })).toBeUndefined()
    expect(objection({ rankPattern: [['v_proj', 2]] })).toMatch(/v_proj has scale 4, and vLLM takes 2 for all/)
    expect(objection({ rank: 128 })).toBe('rank 128 is above 64')
  })
})

it('the tiny model has the layers that these tests speak of', () => {
  expect(linearLayers(MODEL)).toHaveLength(14)
})
