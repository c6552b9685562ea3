import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allocate, fill, type Kernel, normBackward, read, rmsNorm, scoped, slice, tensorOf, zeros } from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { drawn, drawnTensor } from './testing/drawn.ts'
import { gradientOf, matrix, rmsNorm as oracle, relativeError, weighted } from './testing/float64.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

const EPSILON = 1e-5

describe('RMSNorm', () => {
  it('agrees with doubles, gradients at x and weight too', () => {
    for (const n of [1, 3, 4, 6, 17, 64]) {
      scoped(kernel, () => {
        const rows = 5
        const [x, weight, dOut] = [
          drawnTensor(kernel, [rows, n], 1),
          drawnTensor(kernel, [n], 2),
          drawnTensor(kernel, [rows, n], 3),
        ]
        const [out, inverses, dX, dWeight] = [
          allocate(kernel, [rows, n]),
          allocate(kernel, [rows]),
          allocate(kernel, [rows, n]),
          zeros(kernel, [n]),
        ]
        const [xs, w, d] = [drawn(rows * n, 1), drawn(n, 2), drawn(rows * n, 3)]
        rmsNorm(kernel, { x, weight, out, inverses, epsilon: EPSILON })
        expect(relativeError(read(kernel, out), oracle(matrix(xs, n), w, EPSILON))).toBeLessThan(1e-6)
        normBackward(kernel, { x, weight, inverses, dOut, dX, dWeight })
        const atX = gradientOf((v) => weighted(oracle(matrix(v, n), w, EPSILON), d), xs)
        const atWeight = gradientOf((v) => weighted(oracle(matrix(xs, n), v, EPSILON), d), w)
        // In one dimension the gradient is what ε leaves: all but nothing, of two numbers that cancel.
        expect(relativeError(read(kernel, dX), n === 1 ? atX.map(() => 1) : atX)).toBeLessThan(n === 1 ? 2 : 5e-6)
        expect(relativeError(read(kernel, dWeight), atWeight)).toBeLessThan(5e-6)
      })
    }
  })

  it('adds to the gradients that stand there already, where told', () => {
    scoped(kernel, () => {
      const [x, weight, dOut] = [
        drawnTensor(kernel, [3, 10], 1),
        drawnTensor(kernel, [10], 2),
        drawnTensor(kernel, [3, 10], 3),
      ]
      const [out, inverses, once, added] = [
        allocate(kernel, [3, 10]),
        allocate(kernel, [3]),
        allocate(kernel, [3, 10]),
        allocate(kernel, [3, 10]),
      ]
      rmsNorm(kernel, { x, weight, out, inverses, epsilon: EPSILON })
      normBackward(kernel, { x, weight, inverses, dOut, dX: once })
      fill(kernel, added, 0.5)
      normBackward(kernel, { x, weight, inverses, dOut, dX: added, accumulate: true })
      expect(read(kernel, added)).toEqual(read(kernel, once).map((value) => value + 0.5))
    })
  })

  it('gives a row its bits whatever stands beside it', () => {
    scoped(kernel, () => {
      const [x, weight] = [drawnTensor(kernel, [4, 30], 1), drawnTensor(kernel, [30], 2)]
      const [all, one, inverses] = [allocate(kernel, [4, 30]), allocate(kernel, [1, 30]), allocate(kernel, [4])]
      rmsNorm(kernel, { x, weight, out: all, inverses, epsilon: EPSILON })
      rmsNorm(kernel, { x: slice(x, 2, 3), weight, out: one, inverses: slice(inverses, 0, 1), epsilon: EPSILON })
      expect(read(kernel, one)).toEqual(read(kernel, slice(all, 2, 3)))
    })
  })

  it('of zeros is zero; a NaN voids its row only', () => {
    scoped(kernel, () => {
      const x = tensorOf(kernel, [3, 2], [0, 0, 1, Number.NaN, 3, 4])
      const [weight, inverses] = [tensorOf(kernel, [2], [1, 1]), allocate(kernel, [3])]
      rmsNorm(kernel, { x, weight, out: x, inverses, epsilon: 0.5 })
      expect([...read(kernel, x)]).toEqual([
        0,
        0,
        Number.NaN,
        Number.NaN,
        Math.fround(3 / Math.sqrt(13)),
        Math.fround(4 / Math.sqrt(13)),
      ])
    })
  })
})
