/**
 * Tiny random checkpoints of every family, with a config.json as its makers write it (tiny-config.ts). Values are multiples of 1/64
 * below 1 in size, which f32, f16 and bf16 all hold exactly, so the same model comes back from each.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { trainBytePairs } from '../../train/bpe-trainer.ts'
import { encodeVocabulary } from '../byte-pair-vocabulary.ts'
import type { ModelConfig } from '../config.ts'
import type { FloatFormat } from '../float-formats.ts'
import { writeSafetensors } from '../safetensors.ts'
import { weightPlaces } from '../weight-names.ts'
import { encodeJson, TINY_CONFIGS, type TinyFamily, tinyConfig } from './tiny-config.ts'

export { encodeJson, TINY_CONFIGS, TINY_FAMILIES, type TinyFamily, tinyConfig } from './tiny-config.ts'

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
