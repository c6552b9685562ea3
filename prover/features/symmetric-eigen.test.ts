import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../protocol/hex.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { drawn } from '../kernel/testing/drawn.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile()
})

/** Σ of `terms` outer products of drawn vectors: of rank `terms` at most. */
function secondMoments(n: number, terms: number, seed: number): Float64Array {
  const x = drawn(n * terms, seed)
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    let sum = 0
    for (let t = 0; t < terms; t++) sum += x[t * n + i]! * x[t * n + j]!
    return sum
  })
}

function checkEigen(matrix: Float64Array, n: number): void {
  const { values, vectors } = symmetricEigen(kernel, matrix, n)
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const tolerance = 1e-14 * n
  for (let i = 0; i < n; i++) {
    if (i > 0) expect(values[i]).toBeLessThanOrEqual(values[i - 1]!)
    for (let j = 0; j < n; j++) {
      let [rebuilt, inner] = [0, 0]
      for (let k = 0; k < n; k++) {
        rebuilt += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!
        inner += vectors[i * n + k]! * vectors[j * n + k]!
      }
      expect(Math.abs(rebuilt - matrix[i * n + j]!)).toBeLessThanOrEqual(tolerance * largest * n)
      expect(Math.abs(inner - (i === j ? 1 : 0))).toBeLessThanOrEqual(tolerance)
    }
  }
}

describe('eigenvectors of a symmetric matrix', () => {
  it('are orthonormal and rebuild the matrix, whatever its rank', () => {
    const cases = fc.record({
      n: fc.integer({ min: 1, max: 24 }),
      terms: fc.integer({ min: 0, max: 40 }),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(cases, ({ n, terms, seed }) => checkEigen(secondMoments(n, terms, seed), n)),
      { numRuns: 60 },
    )
  })

  it('are found of matrices with negative, equal and very different eigenvalues', () => {
    checkEigen(Float64Array.of(0, 1, 1, 0), 2)
    checkEigen(Float64Array.of(2, 0, 0, 0, 2, 0, 0, 0, 2), 3)
    checkEigen(Float64Array.of(1e200, 1, 0, 1, 1e-200, 1e-10, 0, 1e-10, -3), 3)
    checkEigen(new Float64Array(25), 5)
    checkEigen(
      Float64Array.from({ length: 400 }, (_, at) => 1 / (Math.floor(at / 20) + (at % 20) + 1)),
      20,
    )
  })

  it('have frozen bits', () => {
    const { values, vectors } = symmetricEigen(kernel, secondMoments(40, 30, 5), 40)
    const bytes = [values, vectors].map(({ buffer }) => toHex(keccak256(new Uint8Array(buffer))))
    expect(bytes).toMatchInlineSnapshot(`
      [
        "0x0f2b896b30115d15fe749c5a44e04949044011a269a8b314d85b5a1d30f6376a",
        "0x517e5396b55a7b446b679a5ee886aaee9f2283764a38a8bebc363f985c582920",
      ]
    `)
  })

  it('are not looked for where a number is not finite', () => {
    expect(() => symmetricEigen(kernel, Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toThrow(RangeError)
    expect(() => symmetricEigen(kernel, Float64Array.of(1, 0, 0, Number.POSITIVE_INFINITY), 2)).toThrow(RangeError)
    expect(() => symmetricEigen(kernel, new Float64Array(5), 2)).toThrow('must be 2 × 2')
  })
})
