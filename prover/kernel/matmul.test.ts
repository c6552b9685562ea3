import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  allocate,
  type Kernel,
  matmul,
  matmulPanels,
  matmulTransposedA,
  matmulTransposedB,
  panelsOf,
  read,
  scoped,
  slice,
  write,
} from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { drawn, drawnTensor } from './testing/drawn.ts'
import { type Matrix, matrix, product, relativeError, transposed } from './testing/float64.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

/** The definition: ascending k, each product and each sum rounded to f32, from +0 or from what stands there. */
function plainLoop(a: Matrix, b: Matrix, from?: Float32Array): Float32Array {
  const out = from?.slice() ?? new Float32Array(a.rows * b.columns)
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      let sum = out[i * b.columns + j]!
      for (let k = 0; k < a.columns; k++) sum = Math.fround(sum + Math.fround(a.at(i, k) * b.at(k, j)))
      out[i * b.columns + j] = sum
    }
  }
  return out
}

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 31, 33, 64, 70, 131))
const cases = fc.record({
  m: size,
  n: size,
  k: fc.oneof(size, fc.constantFrom(0, 255, 256, 260, 513)),
  way: fc.constantFrom('ab', 'abT', 'aTb'),
  accumulate: fc.boolean(),
  seed: fc.nat(),
})

describe('a product with panels', () => {
  it('has the bits of the product with the matrix that they were laid of', () => {
    const sizes = fc.record({ m: size, n: size, k: fc.oneof(size, fc.constantFrom(0, 257)), seed: fc.nat() })
    fc.assert(
      fc.property(sizes, ({ m, n, k, seed }) => {
        scoped(kernel, () => {
          const [a, b] = [drawnTensor(kernel, [m, k], seed), drawnTensor(kernel, [n, k], seed + 1)]
          const [out, expected] = [drawnTensor(kernel, [m, n], seed), allocate(kernel, [m, n])]
          matmulPanels(kernel, { a, b: panelsOf(kernel, b), out })
          matmulTransposedB(kernel, { a, b, out: expected })
          expect(read(kernel, out)).toEqual(read(kernel, expected))
        })
      }),
      { numRuns: 200 },
    )
  })

  it('refuses what does not fit together', () => {
    scoped(kernel, () => {
      const panels = panelsOf(kernel, drawnTensor(kernel, [5, 7], 1))
      const [a, out] = [drawnTensor(kernel, [2, 7], 2), drawnTensor(kernel, [2, 5], 3)]
      expect(() => matmulPanels(kernel, { a: out, b: panels, out })).toThrow('each element has 7 terms in b')
      expect(() => matmulPanels(kernel, { a, b: panels, out: a })).toThrow('out is [2 × 7], must be [2 × 5]')
    })
  })
})

describe('a matrix product', () => {
  it('has the bits of the plain loop, whatever its shape', () => {
    fc.assert(
      fc.property(cases, ({ m, n, k, way, accumulate, seed }) => {
        scoped(kernel, () => {
          const a = drawn(m * k, seed)
          const b = drawn(k * n, seed + 1)
          const old = drawn(m * n, seed + 2)
          const [left, leftShape] =
            way === 'aTb' ? [transposed(matrix(a, m)), [k, m]] : [{ ...matrix(a, k), rows: m, columns: k }, [m, k]]
          const [right, rightShape] =
            way === 'abT' ? [transposed({ ...matrix(b, k), rows: n, columns: k }), [n, k]] : [matrix(b, n), [k, n]]
          const operation = { ab: matmul, abT: matmulTransposedB, aTb: matmulTransposedA }[way]
          const [aT, bT, out] = [allocate(kernel, leftShape), allocate(kernel, rightShape), allocate(kernel, [m, n])]
          write(kernel, aT, a)
          write(kernel, bT, b)
          write(kernel, out, old)
          operation(kernel, { a: aT, b: bT, out, accumulate })
          expect(read(kernel, out)).toEqual(plainLoop(left, right, accumulate ? old : undefined))
        })
      }),
      { numRuns: 150 },
    )
  })

  it('agrees with doubles to the accuracy of f32', () => {
    scoped(kernel, () => {
      const [a, b, out] = [
        drawnTensor(kernel, [40, 700], 1),
        drawnTensor(kernel, [700, 30], 2),
        allocate(kernel, [40, 30]),
      ]
      matmul(kernel, { a, b, out })
      const expected = product(matrix(read(kernel, a), 700), matrix(read(kernel, b), 30))
      expect(relativeError(read(kernel, out), expected)).toBeLessThan(3e-6)
    })
  })

  it('gives a row the same bits alone and among others', () => {
    scoped(kernel, () => {
      const [a, b] = [drawnTensor(kernel, [37, 300], 3), drawnTensor(kernel, [65, 300], 4)]
      const [all, one] = [allocate(kernel, [37, 65]), allocate(kernel, [1, 65])]
      matmulTransposedB(kernel, { a, b, out: all })
      for (const row of [0, 17, 36]) {
        matmulTransposedB(kernel, { a: slice(a, row, row + 1), b, out: one })
        expect(read(kernel, one)).toEqual(read(kernel, slice(all, row, row + 1)))
      }
    })
  })

  it('lets NaN and infinities through to the elements that meet them, and to no others', () => {
    scoped(kernel, () => {
      const [a, b, out] = [drawnTensor(kernel, [9, 20], 5), drawnTensor(kernel, [20, 19], 6), allocate(kernel, [9, 19])]
      const values = read(kernel, a)
      values[3 * 20 + 7] = Number.NaN
      values[5 * 20] = Number.POSITIVE_INFINITY
      write(kernel, a, values)
      matmul(kernel, { a, b, out })
      const rows = Array.from({ length: 9 }, (_, row) => read(kernel, slice(out, row, row + 1)))
      expect(rows[3]!.every(Number.isNaN)).toBe(true)
      expect(rows[5]!.every((value) => Math.abs(value) === Number.POSITIVE_INFINITY)).toBe(true)
      expect(rows.filter((row) => row.every(Number.isFinite))).toHaveLength(7)
    })
  })

  it('names the operand that does not fit', () => {
    scoped(kernel, () => {
      const [a, b, out] = [allocate(kernel, [2, 3]), allocate(kernel, [4, 5]), allocate(kernel, [2, 5])]
      expect(() => matmul(kernel, { a, b, out })).toThrow('a has 3 terms for each element, b has 4')
      expect(() => matmulTransposedB(kernel, { a, b: allocate(kernel, [4, 3]), out })).toThrow(
        'out is [2 × 5], must be [2 × 4]',
      )
      expect(() => matmul(kernel, { a: { offset: a.offset, shape: [6] }, b, out })).toThrow(
        'a is [6], must be a matrix',
      )
      const square = allocate(kernel, [3, 3])
      expect(() => matmul(kernel, { a: square, b: allocate(kernel, [3, 3]), out: square })).toThrow('out overlaps a')
    })
  })
})
