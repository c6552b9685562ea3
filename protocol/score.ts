/**
 * The plain dot product of a row's signs with a query: the reference for every faster kernel.
 * |raw| ≤ 127·dims < 2²² at 32,768 dimensions; raw·scale < 2³⁸.
 */
import { integerSqrt } from './integer.ts'
import { QUERY_MEAN_SQUARE } from './query.ts'

/** Σ ±q_k: plus where bit k of `signs` (least significant bit of each byte first) is set. */
export function rawScore(signs: Uint8Array, query: Int8Array): number {
  if (signs.length * 8 !== query.length)
    throw new RangeError(`${signs.length} bytes of signs for ${query.length} coordinates`)
  let raw = 0
  for (let k = 0; k < query.length; k++) {
    raw += (signs[k >> 3]! >> (k & 7)) & 1 ? query[k]! : -query[k]!
  }
  return raw
}

/**
 * A row counts where raw > threshold: ⌊z·32·√dims⌋, z standard deviations of what random signs score.
 * z is the parameter thresholdZ.
 */
export function threshold(z: bigint, dims: number): bigint {
  return integerSqrt(z * z * BigInt(QUERY_MEAN_SQUARE) * BigInt(dims))
}
