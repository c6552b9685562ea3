import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, read, scoped, softmax, tensorOf } from '../kernel/f32.ts'
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

/** Nucleus sampling as its definition says: all ids in order, then those that reach topP, then one of them. */
function plainChoice(logits: Float32Array, topP: number, draw: bigint): number {
  const probabilities = scoped(kernel, () => {
    const x = tensorOf(kernel, [1, logits.length], logits)
    softmax(kernel, { x, out: x, scale: 1 })
    return read(kernel, x)
  })
  const least = (1 - topP) / logits.length
  let ids = [...probabilities.keys()].filter((id) => probabilities[id]! > 0 && probabilities[id]! >= least)
  if (topP < 1) {
    ids.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
    let mass = 0
    ids = ids.filter((id) => {
      const reached = mass >= topP
      mass += probabilities[id]!
      return !reached
    })
  }
  let left = (Number(draw >> 11n) / 2 ** 53) * ids.reduce((mass, id) => mass + probabilities[id]!, 0)
  for (const id of ids) {
    left -= probabilities[id]!
    if (left < 0) return id
  }
  return ids.at(-1)!
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

  it('is the definition’s, whatever the probabilities', () => {
    const logits = fc.oneof(
      fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 300 }),
      // Many equals, as likely as all others or nearly impossible.
      fc.array(fc.constantFrom(0, 1, 5, -90, 12), { minLength: 1, maxLength: 300 }),
    )
    const topP = fc.oneof(
      fc.constantFrom(1, 0.9, 0.5, 1 - 2 ** -53, 1e-9),
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
    )
    fc.assert(
      fc.property(logits, topP, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (values, p, draw) => {
        const own = sampleToken(kernel, Float32Array.from(values), { temperature: 1, topP: p }, draw)
        expect(own).toBe(plainChoice(Float32Array.from(values), p, draw))
      }),
      { numRuns: 500 },
    )
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
