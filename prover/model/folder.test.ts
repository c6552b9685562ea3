import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { openModelFolder, openModelWeights, writeModelFolder } from './folder.ts'
import { ModelFileError } from './model-file-error.ts'
import { type TensorToWrite, writeSafetensors } from './safetensors.ts'
import {
  encodeJson,
  TINY_CONFIGS,
  TINY_FAMILIES,
  tinyConfig,
  tinyTensors,
  tinyTokenizer,
  writeTinyFolder,
} from './testing/tiny-checkpoint.ts'
import { linearLayers, weightPlaces } from './weight-names.ts'

describe('a model folder', () => {
  for (const family of TINY_FAMILIES) {
    it.each([
      ['F32', 1],
      ['F16', 1],
      ['BF16', 1],
      ['BF16', 3],
    ] as const)(
      `of ${family} in %s and %i file(s) opens with the values it was written with`,
      async (dtype, shards) => {
        const directory = await temporaryDirectory()
        await writeTinyFolder(directory, family, { dtype, shards })
        const folder = await openModelFolder(directory)
        expect(folder.config).toEqual(tinyConfig(family))
        for (const { name, values } of tinyTensors(folder.config))
          expect(await folder.weights.read(name)).toEqual(values)
        expect(folder.tokenizer.decode(folder.tokenizer.encode('function transfer'))).toBe('function transfer')
        await folder.close()
      },
    )
  }

  it('is written and comes back', async () => {
    const directory = await temporaryDirectory()
    const config = tinyConfig('qwen3')
    const values = new Map(tinyTensors(config).map((tensor) => [tensor.name, tensor.values]))
    await writeModelFolder(directory, { config, values, dtype: 'BF16', tokenizer: tinyTokenizer() })
    const folder = await openModelFolder(directory)
    expect(folder.config).toEqual(config)
    for (const [name, expected] of values) expect(await folder.weights.read(name)).toEqual(expected)
    await folder.close()
  })

  it('is not written with a tensor missing or too many', async () => {
    const directory = await temporaryDirectory()
    const config = tinyConfig('llama')
    const values = new Map(tinyTensors(config).map((tensor) => [tensor.name, tensor.values]))
    const model = { config, values, dtype: 'BF16' as const, tokenizer: tinyTokenizer() }
    values.delete('model.norm.weight')
    await expect(writeModelFolder(directory, model)).rejects.toThrow('these are absent: model.norm.weight')
    values.set('model.norm.weight', new Float32Array(16)).set('extra', new Float32Array(1))
    await expect(writeModelFolder(directory, model)).rejects.toThrow('these have no place in the model: extra')
  })

  it('takes ends and sampling from generation_config.json', async () => {
    const directory = await temporaryDirectory()
    await writeTinyFolder(directory, 'qwen2')
    const before = await openModelFolder(directory)
    expect(before.generation).toEqual({ beginId: 0, endIds: [1], temperature: 0, topP: 1 })
    await before.close()
    const generation = {
      bos_token_id: 2,
      eos_token_id: [3, 4],
      do_sample: true,
      temperature: 0.7,
      top_p: 0.8,
      top_k: 20,
    }
    await writeFile(join(directory, 'generation_config.json'), encodeJson(generation))
    const after = await openModelFolder(directory)
    expect(after.generation).toEqual({ beginId: 2, endIds: [3, 4], temperature: 0.7, topP: 0.8 })
    await after.close()
    await writeFile(join(directory, 'generation_config.json'), encodeJson({ eos_token_id: 300 }))
    await expect(openModelFolder(directory)).rejects.toThrow('generation_config.json: eos_token_id: is beyond')
  })

  it.each(['config.json', 'tokenizer.json', 'model.safetensors'])('without %s says so', async (file) => {
    const directory = await temporaryDirectory()
    await writeTinyFolder(directory, 'llama')
    await rm(join(directory, file))
    await expect(openModelFolder(directory)).rejects.toThrow(new RegExp(`^${file}: file: is absent`))
  })

  it('with more tokens than rows of the embedding is refused', async () => {
    const directory = await temporaryDirectory()
    await writeTinyFolder(directory, 'llama')
    await writeFile(join(directory, 'config.json'), encodeJson({ ...TINY_CONFIGS.llama, vocab_size: 299 }))
    await expect(openModelFolder(directory)).rejects.toThrow('tokenizer.json: model.vocab: reaches beyond the 299 rows')
  })
})

describe('the tensors of a folder', () => {
  const config = tinyConfig('llama')
  const tensors = (): TensorToWrite[] => tinyTensors(config).map((tensor) => ({ ...tensor, dtype: 'F32' }))
  const openWith = async (list: TensorToWrite[]) => {
    const directory = await temporaryDirectory()
    await writeSafetensors(join(directory, 'model.safetensors'), list)
    const weights = await openModelWeights(directory, config)
    await weights.close()
  }

  it('must each have a place', async () => {
    const extra: TensorToWrite = {
      name: 'model.layers.2.mlp.up_proj.weight',
      dtype: 'F32',
      shape: [1],
      values: new Float32Array(1),
    }
    await expect(openWith([...tensors(), extra])).rejects.toThrow(
      'weights: tensors: these have no place in the model: model.layers.2.mlp.up_proj.weight',
    )
  })

  it('must fill each place', async () => {
    await expect(openWith(tensors().slice(1))).rejects.toThrow(
      'weights: tensors: these are absent: model.embed_tokens.weight',
    )
  })

  it('must have the shapes of the config', async () => {
    const turned = tensors().map((tensor) => ({ ...tensor, shape: tensor.shape.toReversed() }))
    await expect(openWith(turned)).rejects.toThrow(
      'model.embed_tokens.weight: shape must be [300,16] by the config, and is [16,300]',
    )
  })

  it('may have a tied output that equals the embedding, and no other', async () => {
    const embedding = tensors()[0]!
    const copy = { ...embedding, name: 'lm_head.weight', values: embedding.values.slice() }
    await openWith([...tensors(), copy])
    copy.values[77] = 0.5
    await expect(openWith([...tensors(), copy])).rejects.toThrow('lm_head.weight: must equal model.embed_tokens.weight')
  })

  it('may have the frequencies of old checkpoints, where they are right', async () => {
    const name = 'model.layers.0.self_attn.rotary_emb.inv_freq'
    const inverse: TensorToWrite = { name, dtype: 'BF16', shape: [2], values: Float32Array.of(1, 500_000 ** -0.5) }
    await openWith([...tensors(), inverse])
    inverse.values[1] = 0.01
    await expect(openWith([...tensors(), inverse])).rejects.toThrow(
      `${name}: must follow from rope_theta 500000; element 1`,
    )
  })

  it('are named as transformers names them', () => {
    const names = weightPlaces(tinyConfig('qwen3')).map(({ name }) => name)
    expect(names.slice(0, 14)).toEqual([
      'model.embed_tokens.weight',
      'model.layers.0.input_layernorm.weight',
      ...['q', 'k', 'v', 'o'].map((part) => `model.layers.0.self_attn.${part}_proj.weight`),
      ...['gate', 'up', 'down'].map((part) => `model.layers.0.mlp.${part}_proj.weight`),
      'model.layers.0.self_attn.q_norm.weight',
      'model.layers.0.self_attn.k_norm.weight',
      'model.layers.0.self_attn.rotary_emb.inv_freq',
      'model.layers.0.post_attention_layernorm.weight',
      'model.layers.1.input_layernorm.weight',
    ])
    const biases = weightPlaces(tinyConfig('qwen2')).filter(({ name }) => name.endsWith('.bias'))
    expect(biases.map(({ name }) => name.split('.')[4])).toEqual([
      'q_proj',
      'k_proj',
      'v_proj',
      'q_proj',
      'k_proj',
      'v_proj',
    ])
    expect(linearLayers(tinyConfig('qwen3'))[3]).toEqual({
      module: 'model.layers.0.self_attn.o_proj',
      layer: 0,
      kind: 'o_proj',
      in: 32,
      out: 16,
      bias: false,
    })
  })
})

describe('shards', () => {
  const write = async (change: (map: Record<string, string>) => unknown) => {
    const directory = await temporaryDirectory()
    await writeTinyFolder(directory, 'llama', { shards: 2 })
    const names = tinyTensors(tinyConfig('llama')).map(({ name }) => name)
    const map = Object.fromEntries(names.map((name, i) => [name, `model-0000${(i % 2) + 1}-of-00002.safetensors`]))
    const weight_map = change(map) ?? map
    await writeFile(join(directory, 'model.safetensors.index.json'), encodeJson({ weight_map }))
    return openModelWeights(directory, tinyConfig('llama')).then((weights) => weights.close())
  }
  const norm = 'model.norm.weight'

  it('open with the index that fits', async () => {
    await write(() => undefined)
  })

  it.each<[string, (map: Record<string, string>) => unknown, RegExp]>([
    [
      'leads out of the folder',
      (map) => ({ ...map, [norm]: '../x.safetensors' }),
      /weight_map.model.norm.weight: must be the plain name/,
    ],
    ['leads nowhere', (map) => ({ ...map, [norm]: 'x.safetensors' }), /x.safetensors: file: is absent/],
    [
      'leads to the wrong one',
      (map) => ({ ...map, [norm]: map['model.embed_tokens.weight'] }),
      /holds what .* does not place here/,
    ],
    [
      'leaves one out',
      (map) => ({ ...map, [norm]: undefined }),
      /holds what .* does not place here: model.norm.weight/,
    ],
    ['names what is in none', (map) => ({ ...map, more: map[norm] }), /names what is absent: more/],
    ['is no map', () => 'x', /weight_map: /],
  ])('whose index %s are refused', async (_, change, message) => {
    await expect(write(change)).rejects.toThrow(message)
    await expect(write(change)).rejects.toThrow(ModelFileError)
  })
})
