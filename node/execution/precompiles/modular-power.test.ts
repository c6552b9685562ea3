import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToUint, uintToBytes } from '../bytes.ts'
import { power } from './modular-power.ts'

/** The definition: square for each bit, multiply where it is set. */
function reference(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  let result = 1n % modulus
  for (const byte of exponent) {
    for (let bit = 7; bit >= 0; bit--) {
      result = (result * result) % modulus
      if ((byte >> bit) & 1) result = (result * base) % modulus
    }
  }
  return result
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
/** Noise, or all bits set: carries everywhere. */
const number = (maxLength: number) =>
  fc.oneof(
    bytes(maxLength).map(bytesToUint),
    fc.integer({ min: 1, max: 8 * maxLength }).map((bits) => (1n << BigInt(bits)) - 1n),
  )
/** Any number but 0; also odd ones, powers of two, products of both, and those next to powers of two. */
const modulus = (maxLength: number) =>
  fc
    .tuple(number(maxLength), fc.constantFrom('any', 'odd', 'power', 'product', 'near'), fc.nat(8 * maxLength))
    .map(([any, kind, bits]): bigint => {
      const two = 1n << BigInt(bits)
      if (kind === 'odd') return any | 1n
      if (kind === 'power') return two
      if (kind === 'product') return (any | 1n) * two
      if (kind === 'near') return two + 1n
      return any + 1n
    })

const agree = (
  moduli: fc.Arbitrary<bigint>,
  bases: fc.Arbitrary<bigint>,
  exponents: fc.Arbitrary<Uint8Array>,
  numRuns: number,
) =>
  fc.assert(
    fc.property(moduli, bases, exponents, (m, base, exponent) => {
      expect(power(base, exponent, m)).toBe(reference(base, exponent, m))
    }),
    { numRuns },
  )

describe('a power under a modulus is what squaring and multiplying gives', () => {
  const exponent = bytes(40)
  it('of up to 64 bits', () => agree(modulus(8), number(16), exponent, 400))
  it('of some words', () => agree(modulus(40), number(60), exponent, 300))
  it('of any length, on both sides of where BigInt takes over', () => agree(modulus(280), number(300), bytes(6), 100))
  it('with exponents of several pieces', () =>
    agree(modulus(20), number(20), fc.uint8Array({ minLength: 250, maxLength: 800 }), 40))

  it('is 1 where Fermat says so (EIP-198, first example; 2^61 - 1, 2^127 - 1 and 2^521 - 1)', () => {
    for (const prime of [2n ** 256n - 2n ** 32n - 977n, 2n ** 61n - 1n, 2n ** 127n - 1n, 2n ** 521n - 1n])
      for (const base of [3n, prime - 2n]) expect(power(base, uintToBytes(prime - 1n), prime)).toBe(1n)
  })

  it('of one, of two, and of the words that carry most', () => {
    const all = new Uint8Array(33).fill(255)
    const moduli = [1n, 2n, 3n, 4n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n, 2n ** 64n - 1n]
    for (const m of [...moduli, 2n ** 64n, 2n ** 64n + 1n, 2n ** 128n - 1n, 2n ** 128n, 2n ** 2048n - 1n, 2n ** 2048n])
      for (const base of [0n, 1n, 2n, m - 1n, m, m + 1n, 2n ** 64n - 1n])
        for (const exponent of [all.subarray(0, 0), Uint8Array.of(0), Uint8Array.of(0, 1), Uint8Array.of(255), all])
          expect(power(base, exponent, m)).toBe(reference(base, exponent, m))
  })
})
