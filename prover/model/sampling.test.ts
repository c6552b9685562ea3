import { beforeAll, describe, expect, it } from 'vitest'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { sampleToken } from './sampling.ts'
import { drawSeeds } from './seed.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile()
})

/** Logits whose softmax is 0.5, 0.25, 0.15, 0.1 of ids 2, 0, 3, 1. */
const LOGITS = Float32Array.from([0.25, 0.1, 0.5, 0.15], Math.log)

/** How often each id is drawn, of 4,000. */
function counts(temperature: number, topP: number): number[] {
  const drawn = [0, 0, 0, 0]
  for (const seed of drawSeeds(kernel, 11n, 4000)) drawn[sampleToken(kernel, LOGITS, { temperature, topP }, seed)]!++
  return drawn
}

const near = (expected: number[]) => expected.map((count) => expect.closeTo(count, -2.1))

describe('the choice of a token', () => {
  it('draws by probability', () => {
    expect(counts(1, 1)).toEqual(near([1000, 400, 2000, 600]))
  })

  it('sharpens or flattens by temperature', () => {
    expect(counts(0, 1)).toEqual([0, 0, 4000, 0])
    const squares = [0.0625, 0.01, 0.25, 0.0225].map((square) => (4000 * square) / 0.345)
    expect(counts(0.5, 1)).toEqual(near(squares))
    expect(counts(100, 1)).toEqual(near([1000, 1000, 1000, 1000]))
  })

  it('leaves out what is beyond the nucleus', () => {
    expect(counts(1, 0.5)).toEqual([0, 0, 4000, 0])
    expect(counts(1, 0.7)).toEqual(near([4000 / 3, 0, 8000 / 3, 0]))
    expect(counts(1, 0.8)).toEqual(near([4000 / 3.6, 0, 8000 / 3.6, 2400 / 3.6]))
  })

  it('takes the lowest id of equals', () => {
    const equal = new Float32Array(9)
    expect(sampleToken(kernel, equal, { temperature: 0, topP: 1 }, 0n)).toBe(0)
    expect(sampleToken(kernel, equal, { temperature: 1, topP: 0.05 }, 2n ** 64n - 1n)).toBe(0)
    expect(sampleToken(kernel, equal, { temperature: 1, topP: 1 }, 2n ** 64n - 1n)).toBe(8)
  })

  it('refuses NaN and what is out of range', () => {
    const sample = (temperature: number, topP: number, logits = LOGITS) =>
      sampleToken(kernel, logits, { temperature, topP }, 0n)
    expect(() => sample(1, 1, Float32Array.of(1, Number.NaN))).toThrow('the answer is void')
    expect(() => sample(-1, 1)).toThrow('temperature is -1, must be 0 to 100')
    expect(() => sample(1, 0)).toThrow('topP is 0, must be above 0 and at most 1')
  })
})
