import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allocate, crossEntropy, type Kernel, read, scoped, slice, softmax, softmaxBackward, tensorOf } from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { drawn, drawnTensor } from './testing/drawn.ts'
import { gradientOf, crossEntropy as lossOf, relativeError, softmax as softmaxOf, weighted } from './testing/float64.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

const ROWS = 4
const rowsOf = (values: ArrayLike<number>, n: number) =>
  Array.from({ length: values.length / n }, (_, row) => Array.from(values).slice(row * n, (row + 1) * n))

describe('softmax', () => {
  it('agrees with doubles, gradients too, where only a part of a row counts', () => {
    for (const n of [1, 2, 5, 8, 30]) {
      scoped(kernel, () => {
        const from = [0, n >> 1, n - 1, 0]
        const to = [n, n, n, (n >> 1) + 1]
        const [x, dOut, out, dX] = [
          drawnTensor(kernel, [ROWS, n], 1),
          drawnTensor(kernel, [ROWS, n], 2),
          allocate(kernel, [ROWS, n]),
          allocate(kernel, [ROWS, n]),
        ]
        const forward = (values: ArrayLike<number>) =>
          rowsOf(values, n).flatMap((row, r) => {
            const part = softmaxOf(row.slice(from[r], to[r]).map((value) => 1.7 * value))
            return row.map((_, i) => part[i - from[r]!] ?? 0)
          })
        softmax(kernel, { x, out, scale: 1.7, from, to })
        expect(relativeError(read(kernel, out), forward(drawn(ROWS * n, 1)))).toBeLessThan(5e-7)
        softmaxBackward(kernel, { out, dOut, dX, scale: 1.7 })
        const expected = gradientOf((v) => weighted(forward(v), drawn(ROWS * n, 2)), drawn(ROWS * n, 1))
        // Of one column there is nothing to learn.
        if (n > 1) expect(relativeError(read(kernel, dX), expected)).toBeLessThan(2e-6)
      })
    }
  })

  it('has the same bits however many columns are masked before and after', () => {
    scoped(kernel, () => {
      const values = drawn(7, 5)
      const results = [0, 4, 8].map((before) => {
        const x = tensorOf(
          kernel,
          [1, before + 12],
          [...new Float32Array(before).fill(9), ...values, ...new Float32Array(5).fill(99)],
        )
        softmax(kernel, { x, out: x, from: [before], to: [before + 7] })
        return read(kernel, x).slice(before, before + 7)
      })
      expect(results[1]).toEqual(results[0])
      expect(results[2]).toEqual(results[0])
    })
  })

  it('stays exact for values that e^x could not hold; a NaN or an infinity voids its row', () => {
    scoped(kernel, () => {
      const x = tensorOf(kernel, [4, 2], [1e4, 1e4, -1e30, 1e30, Number.NaN, 0, Infinity, Infinity])
      softmax(kernel, { x, out: x })
      expect([...read(kernel, x)]).toEqual([0.5, 0.5, 0, 1, NaN, NaN, NaN, NaN])
      expect(() => softmax(kernel, { x, out: x, from: [0, 2, 0, 0], to: [1, 2, 1, 1] })).toThrow(
        'row 1 counts no column',
      )
    })
  })
})

describe('cross entropy', () => {
  it('agrees with doubles, gradient too; a target of −1 counts for nothing', () => {
    for (const n of [2, 5, 8, 33]) {
      scoped(kernel, () => {
        const targets = [n - 1, 0, -1, 1]
        const [logits, losses, dLogits] = [
          drawnTensor(kernel, [ROWS, n], 1),
          allocate(kernel, [ROWS]),
          allocate(kernel, [ROWS, n]),
        ]
        const forward = (values: ArrayLike<number>) =>
          rowsOf(values, n).map((row, r) => (targets[r]! < 0 ? 0 : lossOf(row, targets[r]!)))
        crossEntropy(kernel, { logits, targets, losses, dLogits, gradientScale: 1 / 3 })
        expect(relativeError(read(kernel, losses), forward(drawn(ROWS * n, 1)))).toBeLessThan(3e-7)
        const expected = gradientOf((v) => weighted(forward(v), new Array(ROWS).fill(1 / 3)), drawn(ROWS * n, 1))
        expect(relativeError(read(kernel, dLogits), expected)).toBeLessThan(1e-6)
        expect([...read(kernel, slice(dLogits, 2, 3))]).toEqual(new Array(n).fill(0))
        // In place, and without a gradient, the losses are the same.
        const before = read(kernel, losses)
        crossEntropy(kernel, { logits, targets, losses })
        crossEntropy(kernel, { logits, targets, losses, dLogits: logits, gradientScale: 1 / 3 })
        expect(read(kernel, losses)).toEqual(before)
        expect(read(kernel, logits)).toEqual(read(kernel, dLogits))
      })
    }
  })

  it('of a sure and of a hopeless target', () => {
    scoped(kernel, () => {
      const [logits, losses] = [tensorOf(kernel, [2, 2], [1000, 0, 1000, 0]), allocate(kernel, [2])]
      crossEntropy(kernel, { logits, targets: [0, 1], losses })
      expect([...read(kernel, losses)]).toEqual([0, 1000])
      expect(() => crossEntropy(kernel, { logits, targets: [0, 2], losses })).toThrow(
        'targets[1] is 2, must be -1 to 1',
      )
    })
  })
})
