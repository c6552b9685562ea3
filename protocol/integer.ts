/** Functions of integers that the scoring rules need, exact on every machine. */

/** Largest r with r² ≤ value. Throws RangeError below 0. */
export function integerSqrt(value: bigint): bigint {
  if (value < 0n) throw new RangeError(`square root of ${value}`)
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** Fractional bits of {@link log2Fixed}. */
export const LOG2_BITS = 8

const MANTISSA = 2 ** 25

/**
 * log2(value) in 1/256, value in 1 … 2³²−1: the position of the highest bit, then eight times "square the
 * mantissa, cut to 25 fractional bits, take a bit where it reached 2". 0 … 8191, never decreasing.
 */
export function log2Fixed(value: number): number {
  if (!(value >= 1 && value < 2 ** 32) || value % 1 !== 0) throw new RangeError(`log2 of ${value}`)
  const exponent = 31 - Math.clz32(value)
  const scaled = value * 2 ** (31 - exponent)
  let mantissa = (scaled - (scaled % 64)) / 64
  let result = exponent
  for (let bit = 0; bit < LOG2_BITS; bit++) {
    const square = mantissa * mantissa
    mantissa = (square - (square % MANTISSA)) / MANTISSA
    result *= 2
    if (mantissa >= 2 * MANTISSA) {
      result += 1
      mantissa = (mantissa - (mantissa % 2)) / 2
    }
  }
  return result
}

/** A bijection of 32 bits in which every input bit moves every output bit (MurmurHash3's finaliser). Unsigned. */
export function mix32(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
