/** Folders from outside that lie, through everything that is done with one: opened, loaded, asked for a text. */
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, MemoryBudgetError } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { memorySource } from './byte-source.ts'
import { openModelFolder } from './folder.ts'
import { generate } from './generate.ts'
import { createKeyValueCache } from './kv-cache.ts'
import { ModelFileError } from './model-file-error.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { drawnSequence } from './testing/drawn-sequence.ts'
import { encodeJson, TINY_CONFIGS, tinyTensors, writeTinyFolder } from './testing/tiny-checkpoint.ts'
import { loadTransformer, wholeModel } from './transformer.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ memoryBytes: 64 * 1024 * 1024 })
})
afterAll(async () => {
  await kernel.close()
})

/** Opens, loads, writes three tokens after a word; leaves nothing in the arena. */
async function useFolder(directory: string): Promise<number[]> {
  const mark = kernel.arena.mark()
  const folder = await openModelFolder(directory)
  try {
    const transformer = await loadTransformer(kernel, folder)
    const cache = createKeyValueCache(transformer, 16 < folder.config.maxPositions ? 16 : folder.config.maxPositions)
    const prompt = folder.tokenizer.encode('contract').subarray(0, 8)
    return await Array.fromAsync(generate(transformer, undefined, prompt, { maxTokens: 3, stop: [], cache }))
  } finally {
    kernel.arena.release(mark)
    await folder.close()
  }
}

const FILES = ['config.json', 'tokenizer.json', 'model.safetensors'] as const

describe('a folder', () => {
  it('with any bytes changed or cut gives a ModelFileError, or a model', async () => {
    const directory = await temporaryDirectory()
    await writeTinyFolder(directory, 'llama')
    const good = new Map(
      await Promise.all(FILES.map(async (file) => [file, await readFile(join(directory, file))] as const)),
    )
    const part = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
    const change = fc.record({
      at: part,
      to: fc.oneof(fc.constantFrom(...'0189"{}[],:-.eE'), fc.integer({ min: 0, max: 255 })),
    })
    const damage = fc.record({
      file: fc.constantFrom(...FILES),
      changes: fc.array(change, { maxLength: 4 }),
      kept: fc.oneof(fc.constant(1), part),
    })
    let refused = 0
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, changes, kept }) => {
        const bytes = Uint8Array.from(good.get(file)!)
        for (const { at, to } of changes)
          bytes[Math.floor(at * bytes.length)] = typeof to === 'number' ? to : to.charCodeAt(0)
        await writeFile(join(directory, file), bytes.subarray(0, Math.ceil(kept * bytes.length)))
        try {
          await useFolder(directory)
        } catch (error) {
          if (!(error instanceof ModelFileError) && !String(error).includes('the answer is void')) throw error
          refused += 1
        } finally {
          await writeFile(join(directory, file), good.get(file)!)
        }
        expect(kernel.arena.top).toBe(kernel.firstByte)
      }),
      { numRuns: 300 },
    )
    expect(refused).toBeGreaterThan(50)
    expect(await useFolder(directory)).toHaveLength(3)
  })

  it('whose config has any number in any field gives a ModelFileError, MemoryBudgetError or a model', async () => {
    const directory = await temporaryDirectory()
    await writeTinyFolder(directory, 'llama')
    const numbers = [0, -1, 0.5, 1, 3, 2 ** 20, 2 ** 31, 2 ** 53, 1e300]
    for (const [field, value] of Object.entries(TINY_CONFIGS.llama)) {
      if (typeof value !== 'number') continue
      for (const number of numbers) {
        await writeFile(join(directory, 'config.json'), encodeJson({ ...TINY_CONFIGS.llama, [field]: number }))
        try {
          await useFolder(directory)
        } catch (error) {
          const small = String(error).includes('no room for an answer')
          const known = error instanceof ModelFileError || error instanceof MemoryBudgetError || small
          expect(known, `${field} ${number}: ${error}`).toBe(true)
        }
        expect(kernel.arena.top).toBe(kernel.firstByte)
      }
    }
  })

  it('that shrinks after it was opened says which file ends early', async () => {
    const directory = await temporaryDirectory()
    await writeTinyFolder(directory, 'llama')
    const folder = await openModelFolder(directory)
    await truncate(join(directory, 'model.safetensors'), 5000)
    const loading = loadTransformer(kernel, folder)
    await expect(loading).rejects.toThrow(ModelFileError)
    await expect(loading).rejects.toThrow('model.safetensors')
    expect(kernel.arena.top).toBe(kernel.firstByte)
    await folder.close()
  })

  it('with a folder in the place of a file says so', async () => {
    for (const file of FILES) {
      const directory = await temporaryDirectory()
      await writeTinyFolder(directory, 'llama')
      await rm(join(directory, file))
      await mkdir(join(directory, file))
      await expect(useFolder(directory)).rejects.toThrow(`${file}: file: is not a regular file`)
    }
  })

  it('of weights so large that its numbers overflow gives no answer, and no training', async () => {
    const directory = await temporaryDirectory()
    const config = await writeTinyFolder(directory, 'llama')
    const tensors = tinyTensors(config).map((tensor) => {
      const values = tensor.name === 'model.norm.weight' ? tensor.values.map(() => 3e38) : tensor.values
      return { ...tensor, dtype: 'F32' as const, values }
    })
    await writeSafetensors(join(directory, 'model.safetensors'), tensors)
    await expect(useFolder(directory)).rejects.toThrow('the logits hold NaN or infinity: the answer is void')
    const folder = await openModelFolder(directory)
    const mark = kernel.arena.mark()
    const { loss } = wholeModel(await loadTransformer(kernel, folder)).evaluate(drawnSequence(config))
    expect(Number.isFinite(loss)).toBe(false)
    kernel.arena.release(mark)
    await folder.close()
  })
})

describe('a safetensors header', () => {
  const one = { dtype: 'F32', shape: [0], data_offsets: [0, 0] }

  it('speaks of a tensor by any name: it is there, or the file is refused', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', '', '\u0000', '\ud800', 'x'.repeat(10_000)]) {
      const header = new TextEncoder().encode(`{${JSON.stringify(name)}:${JSON.stringify(one)}}`)
      const bytes = new Uint8Array(8 + header.length)
      new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
      bytes.set(header, 8)
      const names = await readSafetensors(memorySource(bytes, 'x.safetensors')).then(
        ({ tensors }) => [...tensors.keys()],
        (error: unknown) => error,
      )
      if (!(names instanceof ModelFileError)) expect(names).toEqual([name])
    }
  })
})
