import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { f16ToF32Bits, f32BitsToBf16, f32BitsToF16, isFiniteBits, narrow, widen } from './float-formats.ts'

const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]!
const asFloat = (bits: number) => new Float32Array(Uint32Array.of(bits).buffer)[0]!

/** All values of a format with sign plus, by their bits. */
const tableOf = (widened: (half: number) => number) =>
  new Float32Array(Uint32Array.from({ length: 0x8000 }, (_, half) => widened(half)).buffer)

const BF16_VALUES = tableOf((half) => half << 16)
const F16_VALUES = tableOf(f16ToF32Bits)

/** The finite one whose value is nearest, by trying all; of two the one with an even last bit. */
function nearest(value: number, table: Float32Array): number {
  let best = 0
  let distance = Number.POSITIVE_INFINITY
  for (let half = 0; half < table.length; half++) {
    const away = Math.abs(table[half]! - Math.abs(value))
    if (away < distance || (away === distance && half % 2 === 0)) {
      best = half
      distance = away
    }
  }
  return best
}

describe('f16 to f32', () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('%i is %d', (half, value) => {
    expect(asFloat(f16ToF32Bits(half))).toBe(value)
  })

  it('comes back for every one of the 65,536', () => {
    for (let half = 0; half < 65_536; half++) {
      const bits = f16ToF32Bits(half)
      if (isFiniteBits(bits)) expect(f32BitsToF16(bits)).toBe(half)
    }
  })
})

describe('narrowing', () => {
  it.each([
    [1, 0x3f80],
    [1 + 2 ** -8, 0x3f80], // half way: to the even one, below
    [1 + 3 * 2 ** -8, 0x3f82], // half way: to the even one, above
    [1 + 2 ** -8 + 2 ** -20, 0x3f81],
    [-(1 + 3 * 2 ** -8), 0xbf82],
    [3.4e38, 0x7f80],
  ])('%d is the bf16 %i', (value, half) => {
    expect(f32BitsToBf16(bitsOf(value))).toBe(half)
  })

  it('takes the nearest, of two the even one', () => {
    const value = fc.float({ min: Math.fround(-6e4), max: Math.fround(6e4), noNaN: true })
    const tiny = fc.float({ min: Math.fround(-1e-4), max: Math.fround(1e-4), noNaN: true })
    fc.assert(
      fc.property(fc.oneof(value, tiny), (given) => {
        expect(f32BitsToBf16(bitsOf(given)) & 0x7fff).toBe(nearest(given, BF16_VALUES))
        expect(f32BitsToF16(bitsOf(given)) & 0x7fff).toBe(nearest(given, F16_VALUES))
      }),
      { numRuns: 60 },
    )
  })

  it.each(['F32', 'F16', 'BF16'] as const)(
    'and widening again in %s keeps what it holds, and finds what is not finite',
    (format) => {
      const values = Float32Array.of(0, 1, -0.75, 0.015625)
      const into = new Float32Array(6)
      expect(narrow(format, values).voidAt).toBe(-1)
      expect(widen(format, narrow(format, values).bytes, into, 1)).toBe(-1)
      expect([...into]).toEqual([0, 0, 1, -0.75, 0.015625, 0])
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        expect(narrow(format, Float32Array.of(1, bad)).voidAt).toBe(1)
      }
    },
  )

  it('says where a value is too large for the format', () => {
    expect(narrow('BF16', Float32Array.of(1, 3.4e38)).voidAt).toBe(1)
    expect(narrow('F16', Float32Array.of(65_504, 65_520)).voidAt).toBe(1)
    expect(narrow('F32', Float32Array.of(1, 3.4e38)).voidAt).toBe(-1)
  })
})
