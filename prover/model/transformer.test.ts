import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, MemoryBudgetError, norm, read, scoped } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { openModelFolder } from './folder.ts'
import { TINY_FAMILIES, tinyConfig, tinyTensors, writeTinyFolder } from './testing/tiny-checkpoint.ts'
import { loadTransformer, randomTransformer, weightValues } from './transformer.ts'

let kernel: Kernel
let directory: string

beforeAll(async () => {
  kernel = await loadKernelFromFile()
  directory = await mkdtemp(join(tmpdir(), 'transformer-'))
})
afterAll(async () => {
  await rm(directory, { recursive: true })
})

/** A folder's weights where one value is replaced. */
const spoiled = (family: (typeof TINY_FAMILIES)[number], name: string, index: number, value: number) => {
  const config = tinyConfig(family)
  const tensors = new Map(tinyTensors(config).map((tensor) => [tensor.name, tensor.values]))
  tensors.get(name)![index] = value
  const readPart = async (of: string, range = { start: 0, end: tensors.get(of)!.length }) =>
    Float32Array.from(tensors.get(of)!.subarray(range.start, range.end))
  return { config, weights: { tensors: new Map(), read: readPart, close: async () => {} } }
}

describe('a transformer', () => {
  it.each(TINY_FAMILIES)('holds the weights of a folder of %s', async (family) => {
    await writeTinyFolder(directory, family)
    const folder = await openModelFolder(directory)
    const mark = kernel.arena.mark()
    const transformer = await loadTransformer(kernel, folder)
    const expected = tinyTensors(folder.config).map(({ name, values }) => [name, values] as const)
    expect([...weightValues(transformer)]).toEqual(expected)
    expect(transformer.output === transformer.embedding).toBe(folder.config.tiedEmbeddings)
    kernel.arena.release(mark)
    await folder.close()
  })

  it('is refused with a NaN among its weights, and leaves nothing behind', async () => {
    const { top } = kernel.arena
    const name = 'model.layers.1.mlp.up_proj.weight'
    const wrong = spoiled('llama', name, 7, Number.NaN)
    await expect(loadTransformer(kernel, wrong)).rejects.toThrow(`${name}: element 7 is not a finite number, got NaN`)
    expect(kernel.arena.top).toBe(top)
  })

  it('is refused where it does not fit the memory', async () => {
    const own = await loadKernelFromFile({ memoryBytes: 1_000_000 })
    const config = { ...tinyConfig('llama'), vocabSize: 30_000 }
    const { weights } = spoiled('llama', 'model.norm.weight', 0, 1)
    await expect(loadTransformer(own, { config, weights })).rejects.toThrow(MemoryBudgetError)
    expect(() => randomTransformer(own, config, 1n)).toThrow(MemoryBudgetError)
    expect(own.arena.top).toBe(own.firstByte)
  })

  it('made of a seed has matrices of the deviation said, norms 1 and biases 0', () => {
    scoped(kernel, () => {
      const config = { ...tinyConfig('qwen2'), hiddenSize: 64, intermediateSize: 128, layerCount: 8 }
      const { weights } = randomTransformer(kernel, { ...config, slidingWindow: undefined }, 1n)
      const deviation = (name: string) => {
        const tensor = weights.get(name)!
        return norm(kernel, [tensor]) / Math.sqrt(tensor.shape.reduce((product, size) => product * size))
      }
      expect(deviation('model.embed_tokens.weight')).toBeCloseTo(Math.sqrt(2 / 320), 2)
      expect(deviation('model.layers.7.mlp.up_proj.weight')).toBeCloseTo(Math.sqrt(2 / 320), 2)
      expect(deviation('model.layers.7.mlp.down_proj.weight')).toBeCloseTo(Math.sqrt(2 / 320) / 4, 2)
      expect(new Set(read(kernel, weights.get('model.layers.3.self_attn.q_proj.bias')!))).toEqual(new Set([0]))
      expect(new Set(read(kernel, weights.get('model.norm.weight')!))).toEqual(new Set([1]))
      const other = randomTransformer(kernel, { ...config, slidingWindow: undefined }, 2n)
      const name = 'model.layers.0.self_attn.q_proj.weight'
      expect(read(kernel, other.weights.get(name)!)).not.toEqual(read(kernel, weights.get(name)!))
    })
  })
})
