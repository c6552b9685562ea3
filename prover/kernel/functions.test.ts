import { beforeAll, describe, expect, it } from 'vitest'
import {
  allocate,
  cosine,
  exponential,
  exponentials,
  inverseRoots,
  type Kernel,
  logarithm,
  power,
  read,
  scoped,
  sine,
  squareRoot,
  tensorOf,
} from './f32.ts'
import { loadKernelFromFile } from './f32-file.ts'
import { drawer } from './testing/drawn.ts'
import { fixed, preciseCosine, preciseExp, preciseLog, preciseSine, ulps } from './testing/precise.ts'

let kernel: Kernel

beforeAll(async () => {
  kernel = await loadKernelFromFile()
})

function exponentialsOf(values: ArrayLike<number>): Float32Array {
  return scoped(kernel, () => {
    const x = tensorOf(kernel, [values.length], values)
    exponentials(kernel, { x, target: x })
    return read(kernel, x)
  })
}

/** `count` doubles of low … high, evenly, none of them round. */
function spread(low: number, high: number, count: number): number[] {
  const draw = drawer(count)
  return Array.from({ length: count }, (_, i) => low + ((high - low) * (i + (draw() >>> 8) / 2 ** 24)) / count)
}

/** Units in the last place of an f32 of this size. */
function ulp32(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!
  return 2 ** (Math.max((bits >>> 23) & 255, 1) - 150)
}

describe('e^x of floats', () => {
  it('is within 1 ulp over the whole range', () => {
    const x = Float32Array.from([...spread(-87.336, 88.722, 400_000), ...spread(-1, 1, 200_000)])
    const results = exponentialsOf(x)
    // A double's own exp is off by a 2⁻²⁸th of an f32's ulp.
    const off = results.map((result, i) => Math.abs(result - Math.exp(x[i]!)) / ulp32(Math.exp(x[i]!)))
    expect(off.reduce((worst, each) => (each > worst ? each : worst))).toBeLessThan(1)
  })

  it('is within 1 ulp by a reference in integers too', () => {
    const x = Float32Array.from([...spread(-87.3, 88.7, 150), 2 ** -24, -(2 ** -24), 5.835283279418945])
    for (const [i, result] of exponentialsOf(x).entries())
      expect(ulps(result, preciseExp(fixed(x[i]!)), 24)).toBeLessThan(1)
  })

  it('is 0 below ln 2⁻¹²⁶, Infinity above ln of the largest float, NaN of NaN, 1 of both zeros', () => {
    const limits = [88.72283172607422, 88.72283935546875, -87.33654022216797, -87.3365478515625]
    const results = exponentialsOf([...limits, Infinity, -Infinity, NaN, 0, -0, 1e-40, 1e38, -1e38])
    const expected = [3.402798519021476e38, Infinity, 1.175499675756452e-38, 0, Infinity, 0, NaN, 1, 1, 1, Infinity, 0]
    expect([...results]).toEqual(expected)
  })
})

describe('1/√x of floats', () => {
  it('is within 1.5 ulp', () => {
    const x = Float32Array.from(spread(-80, 80, 100_000), (exponent) => 2 ** exponent)
    const results = scoped(kernel, () => {
      const target = allocate(kernel, [x.length])
      inverseRoots(kernel, { x: tensorOf(kernel, [x.length], x), target })
      return read(kernel, target)
    })
    const off = results.map((result, i) => Math.abs(result - 1 / Math.sqrt(x[i]!)) / ulp32(1 / Math.sqrt(x[i]!)))
    expect(off.reduce((worst, each) => (each > worst ? each : worst))).toBeLessThan(1.5)
  })
})

describe('functions of doubles', () => {
  it('e^x is within 2 ulp', () => {
    for (const x of [...spread(-80, 80, 300), ...spread(-0.5, 0.5, 100)])
      expect(ulps(exponential(kernel, x), preciseExp(fixed(x)), 53)).toBeLessThan(2)
    expect([-709, 710, NaN].map((x) => exponential(kernel, x))).toEqual([0, Infinity, NaN])
  })

  it('ln x is within 3 ulp', () => {
    for (const x of [...spread(0.25, 4, 400), 1 + 2 ** -52, 1 - 2 ** -53])
      expect(ulps(logarithm(kernel, x), preciseLog(fixed(x)), 53)).toBeLessThan(3)
    expect([1, 0, -1, Infinity, NaN].map((x) => logarithm(kernel, x))).toEqual([0, -Infinity, NaN, Infinity, NaN])
    expect(logarithm(kernel, 1e300)).toBeCloseTo(300 * Math.LN10, 12)
  })

  it('sin and cos are off by at most 2⁻⁵², up to 2²² radians', () => {
    for (const x of [...spread(-7, 7, 300), ...spread(-(2 ** 22), 2 ** 22, 300), 355, 103993, 2 ** 22]) {
      expect(Math.abs(Number(fixed(sine(kernel, x)) - preciseSine(fixed(x))) / 2 ** 192)).toBeLessThan(2 ** -52)
      expect(Math.abs(Number(fixed(cosine(kernel, x)) - preciseCosine(fixed(x))) / 2 ** 192)).toBeLessThan(2 ** -52)
    }
    expect([sine, cosine].map((f) => f(kernel, 2 ** 22 + 1))).toEqual([NaN, NaN])
  })

  it('powers and roots', () => {
    expect(power(kernel, 10_000, -0.5)).toBeCloseTo(0.01, 14)
    expect(power(kernel, 500_000, -126 / 128) * 500_000 ** (126 / 128)).toBeCloseTo(1, 13)
    expect([2, 144, -1].map((x) => squareRoot(kernel, x))).toEqual([Math.SQRT2, 12, NaN])
  })
})
