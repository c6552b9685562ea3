import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { rawScore } from '../../protocol/score.ts'
import type { ScoresKernel, SignMatrix } from './scores.ts'
import { loadScoresKernelFromFile } from './scores-file.ts'

let kernel: ScoresKernel

beforeAll(async () => {
  kernel = await loadScoresKernelFromFile()
})

/** What protocol/score.ts says. */
function reference({ rows, dims, signs }: SignMatrix, query: Int8Array): Int32Array {
  const bytes = dims / 8
  return Int32Array.from({ length: rows }, (_, row) => rawScore(signs.subarray(row * bytes, (row + 1) * bytes), query))
}

/** Matrix and queries of a few rows, with dims on both sides of a tile of 2,048, drawn from a seed; extremes are common. */
const cases = fc
  .record({
    rows: fc.integer({ min: 0, max: 70 }),
    dims: fc.constantFrom(64, 128, 960, 2048, 2112, 8192),
    queries: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer(),
    extreme: fc.boolean(),
  })
  .map(({ rows, dims, queries, seed, extreme }) => {
    let state = seed | 1
    const random = () => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return state >>> 3
    }
    const coordinate = () => (extreme ? [127, -127, 0][random() % 3]! : (random() % 255) - 127)
    const signs = Uint8Array.from({ length: (rows * dims) / 8 }, () => random() & 0xff)
    return {
      matrix: { rows, dims, signs },
      queries: Array.from({ length: queries }, () => Int8Array.from({ length: dims }, coordinate)),
    }
  })

describe('the scores kernel', () => {
  it('gives the integers of protocol/score.ts for one query and for many', () => {
    fc.assert(
      fc.property(cases, ({ matrix, queries }) => {
        const expected = queries.map((query) => reference(matrix, query))
        const resident = kernel.load(matrix)
        expect(resident.scoresOfAll(queries)).toEqual(expected)
        expect(resident.scores(queries[0]!)).toEqual(expected[0])
        expect(kernel.scores(matrix, queries[0]!)).toEqual(expected[0])
      }),
      { numRuns: 60 },
    )
  })

  it('does not overflow where every coordinate and sign is at its extreme', () => {
    const dims = 32_768
    const signs = new Uint8Array((17 * dims) / 8)
    signs.fill(0xff, 0, (9 * dims) / 8)
    const matrix = { rows: 17, dims, signs }
    const scores = kernel.scores(matrix, new Int8Array(dims).fill(-127))
    expect([...scores]).toEqual([...new Array(9).fill(-127 * dims), ...new Array(8).fill(127 * dims)])
  })

  it('serves more queries than one pass takes', () => {
    const matrix = { rows: 3, dims: 64, signs: Uint8Array.from({ length: 24 }, (_, i) => 37 * i) }
    const queries = Array.from({ length: 130 }, (_, i) => new Int8Array(64).map((_, k) => ((i * k) % 255) - 127))
    expect(kernel.load(matrix).scoresOfAll(queries)).toEqual(queries.map((query) => reference(matrix, query)))
    expect(kernel.load(matrix).scoresOfAll([])).toEqual([])
  })

  it('says what is wrong with a matrix or a query', () => {
    const matrix = { rows: 1, dims: 64, signs: new Uint8Array(8) }
    expect(() => kernel.load({ ...matrix, dims: 60 })).toThrow('dims is 60')
    expect(() => kernel.load({ ...matrix, rows: 2 })).toThrow('signs has 8 bytes, expected 16')
    expect(() => kernel.load(matrix).scores(new Int8Array(63))).toThrow('63 coordinates')
    expect(() => kernel.load(matrix).scores(new Int8Array(64).fill(-128))).toThrow('coordinate 0 is -128')
  })
})
