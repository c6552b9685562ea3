import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { integerSqrt, log2Fixed, mix32 } from './integer.ts'

describe('integerSqrt', () => {
  it('is the largest integer whose square is not above the value', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 200n), (value) => {
        const root = integerSqrt(value)
        expect(root * root <= value && (root + 1n) * (root + 1n) > value).toBe(true)
      }),
    )
    expect([0n, 1n, 2n, 3n, 4n, 15n, 16n].map(integerSqrt)).toEqual([0n, 1n, 1n, 1n, 2n, 3n, 4n])
    expect(() => integerSqrt(-1n)).toThrow('-1')
  })
})

describe('log2Fixed', () => {
  it('is exact on powers of two', () => {
    for (let bits = 0; bits < 32; bits++) expect(log2Fixed(2 ** bits)).toBe(256 * bits)
  })

  it('stays within 1/256 of the logarithm and never decreases', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 2 }), (value) => {
        expect(Math.abs(log2Fixed(value) / 256 - Math.log2(value))).toBeLessThan(1 / 256)
        expect(log2Fixed(value + 1)).toBeGreaterThanOrEqual(log2Fixed(value))
      }),
    )
    expect(log2Fixed(2 ** 32 - 1)).toBe(8191)
  })

  it('refuses what has no logarithm here', () => {
    for (const value of [0, -1, 1.5, 2 ** 32, Number.NaN]) expect(() => log2Fixed(value)).toThrow(RangeError)
  })
})

describe('mix32', () => {
  it('gives the published values of MurmurHash3’s finaliser', () => {
    expect([0, 1, 2, 0xffffffff].map(mix32)).toEqual([0, 0x514e28b7, 0x30f4c306, 0x81f16f39])
  })
})
