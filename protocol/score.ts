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
  for (let byte = 0; byte < signs.length; byte++) {
    const bits = signs[byte]!
    for (let bit = 0; bit < 8; bit++) {
      // 0 for plus, −1 for minus: (x ^ −1) − −1 is −x. Without a branch, which random signs would mispredict.
      const minus = ((bits >> bit) & 1) - 1
      raw = (raw + ((query[8 * byte + bit]! ^ minus) - minus)) | 0
    }
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
