import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hadamard as lexicalHadamard, quantiseQuery as quantiseIntegers, seedSigns } from '../../protocol/lexical.ts'
import { checkQuery } from '../../protocol/query.ts'
import { DIMS } from '../../protocol/row.ts'
import {
  hadamard,
  type Kernel,
  norm,
  quantiseQuery,
  quantiseRow,
  randomBits,
  read,
  scale,
  scoped,
  tensorOf,
} from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { drawer, drawn, drawnTensor } from './testing/drawn.ts'
import { relativeError, walshHadamard } from './testing/float64.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

const bit = (bits: Uint8Array, i: number) => (bits[i >> 3]! >> (i & 7)) & 1
/** What protocol/query.ts asks for. */
const MEAN_SQUARE = 1024

describe('the fast Walsh–Hadamard transform', () => {
  it('is its definition, row by row, after the signs', () => {
    for (const n of [1, 2, 4, 8, 16, 32, 128, 256]) {
      scoped(kernel, () => {
        const x = drawnTensor(kernel, [3, n], 1)
        const signs = randomBits(kernel, 9n, Math.ceil(n / 8) * 8)
        hadamard(kernel, { x, signs })
        const rows = [0, 1, 2].map((row) => [...drawn(3 * n, 1)].slice(row * n, (row + 1) * n))
        const expected = rows.flatMap((row) => walshHadamard(row.map((value, i) => (bit(signs, i) ? value : -value))))
        expect(relativeError(read(kernel, x), expected)).toBeLessThan(1e-6)
      })
    }
  })

  it('has the bits of stage after stage, past the size that fits the cache too', () => {
    for (const n of [4096, 8192, 16_384]) {
      scoped(kernel, () => {
        const x = drawnTensor(kernel, [1, n], 2)
        const values = drawn(n, 2)
        for (let half = 1; half < n; half *= 2) {
          for (let k = 0; k < n; k++) {
            if (k & half) continue
            const [a, b] = [values[k]!, values[k + half]!]
            values[k] = a + b
            values[k + half] = a - b
          }
        }
        hadamard(kernel, { x })
        expect(read(kernel, x)).toEqual(values)
      })
    }
  })

  it('is the protocol’s own, where its integers are small enough for floats', () => {
    scoped(kernel, () => {
      const draw = drawer(3)
      const vector = Int32Array.from({ length: DIMS }, () => draw() >> 24)
      const x = tensorOf(kernel, [1, DIMS], vector)
      hadamard(kernel, { x, signs: seedSigns(7n) })
      expect(Int32Array.from(read(kernel, x))).toEqual(lexicalHadamard(vector, 7n))
    })
  })

  it('refuses rows that are no power of two', () => {
    scoped(kernel, () => {
      expect(() => hadamard(kernel, { x: drawnTensor(kernel, [2, 12], 1) })).toThrow('rows of 12 floats')
      const x = drawnTensor(kernel, [2, 16], 1)
      expect(() => hadamard(kernel, { x, signs: new Uint8Array(4) })).toThrow('signs has 4 bytes, expected 2')
    })
  })
})

describe('a row in bits', () => {
  it('keeps its signs, the ties’ where it is 0, and its length', () => {
    scoped(kernel, () => {
      const x = tensorOf(kernel, [8], [3, -4, 0, -0, 1e-40, -1e-40, 0, 12])
      const row = quantiseRow(kernel, x, Uint8Array.of(0b0100_0110))
      expect(row).toEqual({ signs: Uint8Array.of(0b1101_0101), length: 13 })
    })
  })

  it('is void of zeros, NaN and infinities', () => {
    for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      scoped(kernel, () => {
        const x = tensorOf(kernel, [8], [0, 0, 0, 0, 0, 0, 0, value])
        expect(quantiseRow(kernel, x, new Uint8Array(1))).toBeUndefined()
        expect(quantiseQuery(kernel, x, MEAN_SQUARE)).toBeUndefined()
      })
    }
  })
})

describe('a query in int8', () => {
  it('is well-formed whatever the values’ size and shape', () => {
    const draw = drawer(11)
    const shapes: Record<string, (i: number) => number> = {
      even: () => draw() / 2 ** 31,
      'all alike': (i) => (i % 3 === 0 ? -1 : 1),
      'three values': () => draw() % 2,
      heavy: () => (draw() / 2 ** 31) ** 5,
    }
    for (const [name, shape] of Object.entries(shapes)) {
      for (const size of [1e-20, 1, 1e20]) {
        scoped(kernel, () => {
          const x = tensorOf(
            kernel,
            [DIMS],
            Float32Array.from({ length: DIMS }, (_, i) => shape(i) * size),
          )
          const query = quantiseQuery(kernel, x, MEAN_SQUARE)
          expect(query && checkQuery(query), `${name} × ${size}`).toBeUndefined()
          expect(query, `${name} × ${size}`).toBeDefined()
        })
      }
    }
  })

  it('rounds half to even and cuts at ±127', () => {
    scoped(kernel, () => {
      const x = tensorOf(kernel, [8], [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, 300])
      const at = kernel.arena.allocate(8)
      expect(kernel.exports.quantise(x.offset, 1, at, 8)).toBe(4 * 4 + 126 ** 2 + 127 ** 2)
      expect([...new Int8Array(kernel.memory.buffer, at, 8)]).toEqual([0, 2, 2, 0, -2, -2, 126, 127])
    })
  })

  it('differs from the protocol’s integers by rounding only', () => {
    scoped(kernel, () => {
      const draw = drawer(12)
      const values = Int32Array.from({ length: DIMS }, () => (draw() >> 12) + (draw() >> 12))
      const expected = quantiseIntegers(values)!
      const query = quantiseQuery(kernel, tensorOf(kernel, [DIMS], values), MEAN_SQUARE)!
      const off = query.filter((coordinate, k) => coordinate !== expected[k])
      expect(off.length).toBeLessThan(DIMS / 256)
      expect(query.every((coordinate, k) => Math.abs(coordinate - expected[k]!) <= 1)).toBe(true)
    })
  })

  it('does not change with the values’ size by powers of two', () => {
    scoped(kernel, () => {
      const x = drawnTensor(kernel, [4096], 1)
      const before = quantiseQuery(kernel, x, MEAN_SQUARE)
      scale(kernel, { x, factor: 2 ** 40, target: x })
      expect(norm(kernel, [x])).toBeGreaterThan(2 ** 40)
      expect(quantiseQuery(kernel, x, MEAN_SQUARE)).toEqual(before)
    })
  })
})
