import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, MemoryBudgetError, scoped } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { relativeError } from '../kernel/testing/float64.ts'
import { withAnsweringWeights } from './answering-weights.ts'
import { appendTokens, createKeyValueCache } from './kv-cache.ts'
import { drawnAdapter, drawnTransformer, oracleOf } from './testing/drawn-model.ts'
import { drawnSequence } from './testing/drawn-sequence.ts'
import { oracleLogits } from './testing/float64-model.ts'
import { TINY_FAMILIES, tinyConfig } from './testing/tiny-checkpoint.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

describe.each(TINY_FAMILIES)('a cache of keys and values, %s', (family) => {
  const config = tinyConfig(family)
  const { ids } = drawnSequence(config, 15)

  it('gives each token the logits that it has in the whole text, in every bit', () => {
    scoped(kernel, () => {
      const transformer = drawnTransformer(kernel, config)
      const adapter = drawnAdapter(transformer)
      const whole = (length: number) =>
        appendTokens(transformer, adapter, createKeyValueCache(transformer, 15), ids.subarray(0, length))
      const cache = createKeyValueCache(transformer, 15)
      appendTokens(transformer, adapter, cache, ids.subarray(0, 4))
      for (let length = 5; length <= 12; length++) {
        const logits = appendTokens(transformer, adapter, cache, ids.subarray(length - 1, length))
        expect(logits).toEqual(whole(length))
      }
      expect(appendTokens(transformer, adapter, cache, ids.subarray(12))).toEqual(whole(15))
    })
  })

  it('gives the same bits with answering weights, to one token and to many', () => {
    scoped(kernel, () => {
      const transformer = drawnTransformer(kernel, config)
      const adapter = drawnAdapter(transformer)
      const [plain, answering] = [transformer, withAnsweringWeights(transformer)].map((each) => {
        const cache = createKeyValueCache(each, 15)
        return [ids.subarray(0, 9), ids.subarray(9, 12), ids.subarray(12, 13), ids.subarray(13)].map((part) =>
          appendTokens(each, adapter, cache, part),
        )
      })
      expect(answering).toEqual(plain)
    })
  })

  it('has the logits of the equations', () => {
    scoped(kernel, () => {
      const transformer = drawnTransformer(kernel, config)
      const logits = appendTokens(transformer, undefined, createKeyValueCache(transformer, 15), ids)
      const expected = oracleLogits(oracleOf(transformer), ids)
      const last = Array.from({ length: config.vocabSize }, (_, id) => expected.at(14, id))
      expect(relativeError(logits, last)).toBeLessThan(2e-6)
    })
  })
})

describe('a cache of keys and values', () => {
  it('leaves nothing behind where answering weights do not fit', async () => {
    const own = await loadKernelFromFile({ memoryBytes: 4_000_000 })
    const transformer = drawnTransformer(own, { ...tinyConfig('llama'), vocabSize: 30_000 })
    const { top } = own.arena
    expect(() => withAnsweringWeights(transformer)).toThrow(MemoryBudgetError)
    expect(own.arena.top).toBe(top)
  })

  it('refuses more than it holds, and what the model does not know', () => {
    scoped(kernel, () => {
      const transformer = drawnTransformer(kernel, { ...tinyConfig('llama'), maxPositions: 6 })
      expect(() => createKeyValueCache(transformer, 7)).toThrow('capacity is 7, must be 1 to the model’s 6 positions')
      const cache = createKeyValueCache(transformer, 5)
      const append = (...ids: number[]) => appendTokens(transformer, undefined, cache, Uint32Array.from(ids))
      append(1, 2, 3)
      expect(() => append(1, 2, 3)).toThrow('6 tokens do not fit a cache of 5')
      expect(() => append(300)).toThrow('ids[0] is 300, must be 0 to 299')
      expect(() => append()).toThrow('there are no tokens to append')
      expect(cache.length).toBe(3)
    })
  })
})
