/**
 * From float features to the integers of the protocol, once: a row to signs and its length (protocol/row.ts), a query to int8
 * of the length that protocol/query.ts asks for.
 */
import { bytesAt, placeBytes } from './indices.ts'
import type { Kernel } from './kernel.ts'
import { allFinite, norm } from './reduce.ts'
import { checkTensor, scoped, sizeOf, type Tensor } from './tensor.ts'

export type QuantisedRow = {
  /** n/8 bytes, bit k of the row = byte k>>3, least significant first; 1 is plus. */
  signs: Uint8Array
  /** √Σ x², from which a version makes the row's scale. */
  length: number
}

/**
 * A row as signs and its length. Where x is 0 the bit of `ties` (n/8 bytes) stands. Undefined (void) where x is all 0 or holds
 * a NaN or an infinity.
 */
export function quantiseRow(kernel: Kernel, x: Tensor, ties: Uint8Array): QuantisedRow | undefined {
  checkTensor(kernel, 'x', x)
  const n = sizeOf(x.shape)
  if (n % 8 !== 0 || ties.length !== n / 8)
    throw new RangeError(
      `a row of ${n} floats with ${ties.length} bytes of ties: must be a multiple of 8, and an eighth of it`,
    )
  if (!allFinite(kernel, x)) return undefined
  const length = norm(kernel, [x])
  if (length === 0) return undefined
  return scoped(kernel, () => {
    const tiesAt = placeBytes(kernel, ties)
    const at = kernel.arena.allocate(n / 8)
    kernel.exports.signBits(x.offset, tiesAt, at, n)
    return { signs: bytesAt(kernel, at, n / 8), length }
  })
}

/** Steps of the search for the gain: multiples m/1024 of the exact one, m = 0 … 4096. */
const GAIN_STEP = 1 / 1024
const MOST_STEPS = 4096
/** Squares of so many coordinates add up to less than 2³¹. */
const MOST_COORDINATES = 2 ** 17

/**
 * x as int8 with Σq² just above meanSquare·n: coordinates times a gain, rounded half to even, cut to ±127.
 *
 * With g = √(meanSquare·n/Σx²), the least m for which the gain g·m/1024 reaches meanSquare·n for the whole; then the
 * fewest first coordinates take it, the others the gain of m − 1. Σq² exceeds meanSquare·n by less than 2·127. Undefined
 * (void) where x is all 0, holds a NaN or an infinity, or is so spiked that cutting keeps 4·g below.
 */
export function quantiseQuery(kernel: Kernel, x: Tensor, meanSquare: number): Int8Array | undefined {
  checkTensor(kernel, 'x', x)
  const n = sizeOf(x.shape)
  if (n % 4 !== 0 || n > MOST_COORDINATES)
    throw new RangeError(`a query of ${n} floats: must be a multiple of 4, at most ${MOST_COORDINATES}`)
  if (!allFinite(kernel, x)) return undefined
  const length = norm(kernel, [x])
  if (length === 0) return undefined
  const target = meanSquare * n
  const exact = kernel.exports.squareRoot(target) / length
  return scoped(kernel, () => {
    const at = kernel.arena.allocate(n)
    /** Σq² at m steps; leaves the coordinates at `at`. */
    const squaresAt = (steps: number) => kernel.exports.quantise(x.offset, exact * (steps * GAIN_STEP), at, n)
    const coordinates = () => Int8Array.from(new Int8Array(kernel.memory.buffer, at, n))
    let below = 0
    let reaches = MOST_STEPS
    if (squaresAt(reaches) < target) return undefined
    while (reaches - below > 1) {
      const middle = (below + reaches) >> 1
      if (squaresAt(middle) < target) below = middle
      else reaches = middle
    }
    squaresAt(reaches)
    const high = coordinates()
    const squares = squaresAt(below)
    return mixed(coordinates(), squares, high, target)
  })
}

/** The fewest first coordinates of `high`, the others of `low` (Σ of squares: `squares`), so that Σq² reaches the target. */
function mixed(low: Int8Array, squares: number, high: Int8Array, target: number): Int8Array {
  let sum = squares
  for (let k = 0; k < low.length && sum < target; k++) {
    sum += high[k]! ** 2 - low[k]! ** 2
    low[k] = high[k]!
  }
  return low
}
