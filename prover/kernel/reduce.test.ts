import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type AdamwOptions,
  adamwStep,
  allFinite,
  dot,
  fillNormal,
  fillUniform,
  firstNonFinite,
  type Kernel,
  norm,
  randomBits,
  read,
  scoped,
  sum,
  tensorOf,
  zeros,
} from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { drawn, drawnTensor } from './testing/drawn.ts'
import { relativeError } from './testing/float64.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile({ threads: 2, shareFrom: 0 })
})
afterAll(async () => {
  await kernel.close()
})

describe('sums over tensors', () => {
  it('are those of doubles', () => {
    for (const n of [0, 1, 5, 4096, 4099, 20_001]) {
      scoped(kernel, () => {
        const [a, b] = [drawnTensor(kernel, [n], 1), drawnTensor(kernel, [n], 2)]
        const [x, y] = [drawn(n, 1), drawn(n, 2)]
        expect(sum(kernel, a)).toBeCloseTo(
          x.reduce((total, value) => total + value, 0),
          9,
        )
        const products = Array.from(x, (value, i) => value * y[i]!)
        expect(dot(kernel, a, b)).toBeCloseTo(
          products.reduce((total, value) => total + value, 0),
          9,
        )
      })
    }
  })

  it('a norm goes over many tensors, and does not overflow where squares of floats would', () => {
    scoped(kernel, () => {
      expect(norm(kernel, [tensorOf(kernel, [2], [3, 4]), tensorOf(kernel, [1], [12])])).toBe(13)
      expect(norm(kernel, [tensorOf(kernel, [2], [3e30, 4e30])]) / 5e30).toBeCloseTo(1, 6)
      expect(norm(kernel, [])).toBe(0)
    })
  })

  it('the first NaN or infinity is found wherever it is', () => {
    for (const place of [0, 3, 4, 9, 10]) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        scoped(kernel, () => {
          const values = drawn(11, 1)
          values[place] = value
          expect(firstNonFinite(kernel, tensorOf(kernel, [11], values))).toBe(place)
        })
      }
    }
    expect(scoped(kernel, () => allFinite(kernel, tensorOf(kernel, [3], [3.4e38, -0, 1e-45])))).toBe(true)
  })
})

describe('AdamW', () => {
  const options: AdamwOptions = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.1, step: 1 }

  it('follows the equations step by step', () => {
    for (const n of [1, 6, 40]) {
      scoped(kernel, () => {
        const [value, mean, square] = [drawnTensor(kernel, [n], 1), zeros(kernel, [n]), zeros(kernel, [n])]
        const [p, m, v] = [Array.from(drawn(n, 1)), new Array<number>(n).fill(0), new Array<number>(n).fill(0)]
        for (let step = 1; step <= 5; step++) {
          const gradient = drawnTensor(kernel, [n], 10 + step)
          adamwStep(kernel, { value, gradient, mean, square }, { ...options, step, gradientScale: 0.5 })
          drawn(n, 10 + step).forEach((each, i) => {
            const g = 0.5 * each
            m[i] = 0.9 * m[i]! + 0.1 * g
            v[i] = 0.999 * v[i]! + 0.001 * g * g
            const decayed = p[i]! - 0.01 * 0.1 * p[i]!
            p[i] = decayed - (0.01 * (m[i]! / (1 - 0.9 ** step))) / (Math.sqrt(v[i]! / (1 - 0.999 ** step)) + 1e-8)
          })
        }
        expect(relativeError(read(kernel, value), p)).toBeLessThan(1e-6)
        expect(relativeError(read(kernel, mean), m)).toBeLessThan(1e-6)
        expect(relativeError(read(kernel, square), v)).toBeLessThan(1e-6)
      })
    }
  })

  it('refuses a step that cannot be', () => {
    scoped(kernel, () => {
      const [value, gradient, mean, square] = [1, 2, 3, 4].map(() => zeros(kernel, [4])) as [T, T, T, T]
      expect(() => adamwStep(kernel, { value, gradient, mean, square }, { ...options, step: 0 })).toThrow('step is 0')
      expect(() => adamwStep(kernel, { value, gradient: value, mean, square }, options)).toThrow(
        'value overlaps gradient',
      )
    })
  })
})

describe('seeded numbers', () => {
  it('depend on seed and index only', () => {
    scoped(kernel, () => {
      const [long, short] = [zeros(kernel, [1000]), zeros(kernel, [10])]
      fillNormal(kernel, long, { seed: 2n ** 64n - 1n, deviation: 1 })
      fillNormal(kernel, short, { seed: 2n ** 64n - 1n, deviation: 1 })
      expect(read(kernel, short)).toEqual(read(kernel, long).slice(0, 10))
      fillNormal(kernel, short, { seed: 2n ** 32n - 1n, deviation: 1 })
      expect(read(kernel, short)).not.toEqual(read(kernel, long).slice(0, 10))
      expect(() => fillNormal(kernel, short, { seed: -1n, deviation: 1 })).toThrow('seed is -1')
    })
  })

  it('are spread as they should be', () => {
    scoped(kernel, () => {
      const n = 40_000
      const x = zeros(kernel, [n])
      fillNormal(kernel, x, { seed: 5n, deviation: 2 })
      expect(Math.abs(sum(kernel, x) / n)).toBeLessThan(0.05)
      expect(dot(kernel, x, x) / n).toBeCloseTo(4, 0)
      const within = read(kernel, x).filter((value) => Math.abs(value) < 2).length / n
      expect(within).toBeCloseTo(0.6827, 2)
      fillUniform(kernel, x, { seed: 5n, low: -3, high: 1 })
      expect(sum(kernel, x) / n).toBeCloseTo(-1, 1)
      expect(read(kernel, x).every((value) => value >= -3 && value <= 1)).toBe(true)
      const bits = randomBits(kernel, 5n, 64_000)
      const ones = bits.reduce((total, byte) => total + byte.toString(2).replaceAll('0', '').length, 0)
      expect(ones / 64_000).toBeCloseTo(0.5, 1)
    })
  })

  it('are SplitMix64’s own', () => {
    // The first output of the generator's published code for state 0, lowest byte first: 0xe220a8397b1dcdaf.
    expect([...randomBits(kernel, 0n, 64)]).toEqual([0xaf, 0xcd, 0x1d, 0x7b, 0x39, 0xa8, 0x20, 0xe2])
  })
})

type T = ReturnType<typeof zeros>
