import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawScore } from '../../protocol/score.ts'
import type { SignMatrix } from '../kernel/scores.ts'
import { GpuDevice, GpuFailedError } from './device.ts'
import { GpuMemoryError, GpuScores } from './scores.ts'
import { testAdapters } from './testing/adapters.ts'

/** xorshift32, from a seed. */
function drawing(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 3
  }
}

function matrixOf(rows: number, dims: number, seed: number): SignMatrix {
  const draw = drawing(seed)
  return { rows, dims, signs: new Uint8Array((rows * dims) / 8).map(draw) }
}

function queriesOf(count: number, dims: number, seed: number): Int8Array[] {
  const draw = drawing(seed)
  // Some are all extremes.
  return Array.from({ length: count }, (_, i) =>
    new Int8Array(dims).map(() => (i % 3 === 2 ? [127, -127, 0][draw() % 3]! : (draw() % 255) - 127)),
  )
}

/** What protocol/score.ts says. */
function reference({ rows, dims, signs }: SignMatrix, query: Int8Array): Int32Array {
  const bytes = dims / 8
  return Int32Array.from({ length: rows }, (_, row) => rawScore(signs.subarray(row * bytes, (row + 1) * bytes), query))
}

for (const adapter of await testAdapters()) {
  const { missing } = adapter
  describe.skipIf(missing !== undefined)(`scores on ${adapter.name}${missing ? ` (${missing})` : ''}`, () => {
    let gpu: GpuDevice
    let scores: GpuScores

    // Software drivers take seconds to compile: one device for all, but for the test that loses it.
    beforeAll(async () => {
      gpu = await adapter.open()
      scores = await GpuScores.create({ gpu })
    })
    afterAll(() => gpu.close())

    it('are the integers of protocol/score.ts for one query and for many', async () => {
      const shapes = fc.record({
        rows: fc.constantFrom(0, 1, 7, 64, 65, 200),
        // Under one workgroup, exactly one, and over: 16,384 dimensions are a workgroup's.
        dims: fc.constantFrom(64, 192, 16_384, 16_448, 32_768),
        count: fc.integer({ min: 1, max: 6 }),
        seed: fc.integer(),
      })
      const property = fc.asyncProperty(shapes, async ({ rows, dims, count, seed }) => {
        const matrix = matrixOf(rows, dims, seed)
        const queries = queriesOf(count, dims, seed ^ 0x5eed)
        const resident = await scores.load(matrix)
        const expected = queries.map((query) => reference(matrix, query))
        expect(await resident.scoresOfAll(queries)).toEqual(expected)
        expect(await resident.scores(queries[0]!)).toEqual(expected[0])
        resident.release()
      })
      await fc.assert(property, { numRuns: 12 })
      expect(scores.used).toBe(0)
    })

    it('do not overflow where every coordinate and sign is at its extreme', async () => {
      const dims = 32_768
      const signs = new Uint8Array((17 * dims) / 8)
      signs.fill(0xff, 0, (9 * dims) / 8)
      const resident = await scores.load({ rows: 17, dims, signs })
      const expected = [...new Array(9).fill(-127 * dims), ...new Array(8).fill(127 * dims)]
      expect([...(await resident.scores(new Int8Array(dims).fill(-127)))]).toEqual(expected)
      resident.release()
    })

    it('are the same for rows split over several bindings, and for more queries than one pass takes', async () => {
      const small = await GpuScores.create({ gpu }, { bindingBytes: 20 * 8 })
      const matrix = matrixOf(70, 64, 3)
      const queries = queriesOf(37, 64, 4)
      const resident = await small.load(matrix)
      expect(await resident.scoresOfAll(queries)).toEqual(queries.map((query) => reference(matrix, query)))
      expect(await resident.scoresOfAll([])).toEqual([])
      resident.release()
    })

    it('are right when they are asked for at the same time', async () => {
      const matrix = matrixOf(33, 128, 5)
      const queries = queriesOf(5, 128, 6)
      const resident = await scores.load(matrix)
      const answers = await Promise.all(queries.map((query) => resident.scores(query)))
      expect(answers).toEqual(queries.map((query) => reference(matrix, query)))
      resident.release()
    })

    it('say what is wrong with a matrix or a query', async () => {
      const matrix = matrixOf(1, 64, 1)
      await expect(scores.load({ ...matrix, dims: 60 })).rejects.toThrow('dims is 60')
      await expect(scores.load({ ...matrix, rows: 2 })).rejects.toThrow('signs has 8 bytes, expected 16')
      const resident = await scores.load(matrix)
      await expect(resident.scores(new Int8Array(63))).rejects.toThrow('63 coordinates')
      await expect(resident.scores(new Int8Array(64).fill(-128))).rejects.toThrow('coordinate 0 is -128')
      resident.release()
    })

    it('keep within their memory, and get it back', async () => {
      const tight = await GpuScores.create({ gpu }, { memoryBudget: 8 * 1_048_576 })
      const matrix = matrixOf(1_024, 32_768, 1)
      const first = await tight.load(matrix)
      await expect(tight.load(matrix)).rejects.toThrow(GpuMemoryError)
      await expect(tight.load(matrix)).rejects.toThrow('1024 rows need 5 MiB, 5 of 8 MiB are in use')
      first.release()
      first.release()
      const second = await tight.load(matrix)
      second.release()
      expect(tight.used).toBe(0)
    })

    it('reject once the device is lost, or an error came that nobody asked for', async () => {
      const lost = await adapter.open()
      const resident = await (await GpuScores.create({ gpu: lost })).load(matrixOf(3, 64, 1))
      lost.device.destroy()
      await expect(resident.scores(new Int8Array(64))).rejects.toThrow(GpuFailedError)
      expect((await lost.failed).message).toContain('lost')
      await lost.close()

      const confused = await adapter.open()
      confused.device.createShaderModule({ code: 'this is no shader' })
      expect((await confused.failed).message).toMatch(/WGSL/)
      await expect(GpuScores.create({ gpu: confused })).rejects.toThrow(GpuFailedError)
      await confused.close()
    })

    it('leave nothing behind that keeps a process alive', async () => {
      const other = await adapter.open()
      const before = globalThis.openledgerGpus?.size ?? 0
      await other.close()
      await other.close()
      expect(globalThis.openledgerGpus?.size).toBe(before - 1)
      expect(other.failure).toBeUndefined()
    })
  })
}

describe('the choice of an adapter', () => {
  it('never takes one in software unless it is asked for', async () => {
    const opened = await GpuDevice.open().catch((error: Error) => error)
    if (opened instanceof GpuDevice) {
      expect(opened.software).toBe(false)
      await opened.close()
    } else expect(opened.name).toBe('GpuUnavailableError')
  })
})
