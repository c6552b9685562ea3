import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, read, rotary, rotaryFrequencies, rotaryTables, scoped } from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { drawn, drawnTensor } from './testing/drawn.ts'
import { gradientOf, relativeError, rotated, weighted } from './testing/float64.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

describe('rotary tables', () => {
  it('are cos and sin of position × frequency, rounded once', () => {
    scoped(kernel, () => {
      const frequencies = rotaryFrequencies(kernel, { theta: 10_000, dims: 64 })
      expect(
        relativeError(
          frequencies,
          Array.from({ length: 32 }, (_, i) => 10_000 ** (-i / 32)),
        ),
      ).toBeLessThan(1e-14)
      const { cosines, sines } = rotaryTables(kernel, { frequencies, positions: 5000, factor: 1.25 })
      const [cos, sin] = [read(kernel, cosines), read(kernel, sines)]
      const angles = Float64Array.from({ length: 5000 * 32 }, (_, i) => Math.floor(i / 32) * frequencies[i % 32]!)
      // A double's own rounding decides a tie once in some 2²⁸.
      const wrong = angles.filter(
        (angle, i) => cos[i] !== Math.fround(1.25 * Math.cos(angle)) || sin[i] !== Math.fround(1.25 * Math.sin(angle)),
      )
      expect(wrong.length).toBeLessThan(3)
    })
  })

  it('refuse angles past which sin and cos are not known', () => {
    expect(() => rotaryTables(kernel, { frequencies: [1, 1000], positions: 5000 })).toThrow(
      'frequency 1000 at position 5000',
    )
    expect(() => rotaryTables(kernel, { frequencies: [Number.NaN], positions: 1 })).toThrow('frequency NaN')
  })
})

describe('rotary embedding', () => {
  const positions = [4, 0, 7]

  it('turns every head by its token’s position, and turns back for gradients', () => {
    // Pairs of four at once and not, all coordinates of a head and a part of them.
    for (const [heads, dims, pairs] of [
      [2, 8, 4],
      [3, 10, 5],
      [1, 32, 8],
      [2, 6, 1],
    ] as const) {
      scoped(kernel, () => {
        const width = heads * dims
        const frequencies = Array.from({ length: pairs }, (_, i) => 0.9 ** i)
        const tables = rotaryTables(kernel, { frequencies, positions: 8 })
        const x = drawnTensor(kernel, [3, width], 1)
        const forward = (values: ArrayLike<number>) =>
          positions.flatMap((position, t) =>
            Array.from({ length: heads }, (_, head) => {
              const from = t * width + head * dims
              const angles = frequencies.map((frequency) => position * frequency)
              return rotated(Array.from(values).slice(from, from + dims), angles)
            }).flat(),
          )
        rotary(kernel, { x, heads, tables, positions })
        expect(relativeError(read(kernel, x), forward(drawn(3 * width, 1)))).toBeLessThan(2e-7)
        const d = drawnTensor(kernel, [3, width], 2)
        rotary(kernel, { x: d, heads, tables, positions, backward: true })
        const expected = gradientOf((v) => weighted(forward(v), drawn(3 * width, 2)), drawn(3 * width, 1))
        expect(relativeError(read(kernel, d), expected)).toBeLessThan(1e-6)
      })
    }
  })

  it('names a position beyond the tables and heads that do not fit', () => {
    scoped(kernel, () => {
      const tables = rotaryTables(kernel, { frequencies: [1, 0.1], positions: 7 })
      const x = drawnTensor(kernel, [3, 8], 1)
      expect(() => rotary(kernel, { x, heads: 2, tables, positions })).toThrow('positions[2] is 7, must be 0 to 6')
      expect(() => rotary(kernel, { x, heads: 4, tables, positions })).toThrow('4 heads of 8 coordinates')
      expect(() => rotary(kernel, { x, heads: 2, tables, positions: [1] })).toThrow('1 positions for 3 tokens')
    })
  })
})
