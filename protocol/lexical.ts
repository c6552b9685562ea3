/**
 * The lexical feature of a text, in integers from end to end (docs/protocol.md, "Attribution").
 *
 * 1. Signed hashing (Weinberger et al. 2009): an n-gram of key h and weight w adds +w (h's highest bit
 *    0) or −w (1) to coordinate h mod dims.
 * 2. Random signs from the version's seed, then the fast Walsh–Hadamard transform, not normalised:
 *    every coordinate now carries a little of every n-gram.
 * 3. A row keeps the signs, and its length before the transform as scale. A query keeps int8.
 *
 * Bounds. A text of T ≤ 65,536 tokens has at most 3T n-grams, an n-gram that occurs c times weighs at
 * most c·8191, so the absolute values of step 1 add up to at most 3·65,536·8191 < 2³¹. No value inside the
 * transform exceeds that sum: int32 is exact throughout.
 *
 * The stream of signs is keccak(seed u64 ‖ block u32), blocks 0, 1, …, read like a row's bits: bit 1 is
 * plus. Where a transformed coordinate is 0 a row takes the stream's sign, so that ties lean nowhere.
 */
import { ByteWriter } from './byte-cursor.ts'
import { integerSqrt } from './integer.ts'
import { keccak256 } from './keccak.ts'
import { type Rarity, weighNgrams } from './ngrams.ts'
import { QUERY_MEAN_SQUARE } from './query.ts'
import { DIMS, SIGN_BYTES } from './row.ts'

export type RowFeature = { scale: number; signs: Uint8Array }

/** Of a row that keeps its place and is never an entry. */
export const VOID_ROW: RowFeature = { scale: 0, signs: new Uint8Array(SIGN_BYTES) }

/** Step 1: DIMS coordinates. */
export function lexicalVector(ids: Uint32Array, rarity: Rarity): Int32Array {
  const vector = new Int32Array(DIMS)
  for (const [key, weight] of weighNgrams(ids, rarity)) {
    const k = key % DIMS
    vector[k] = vector[k]! + (key >>> 31 === 0 ? weight : -weight)
  }
  return vector
}

/** The seed's stream of signs: DIMS bits, 1 is plus. */
export function seedSigns(seed: bigint): Uint8Array {
  const signs = new Uint8Array(SIGN_BYTES)
  for (let block = 0; block * 32 < SIGN_BYTES; block++) {
    signs.set(keccak256(new ByteWriter().uint(seed, 8).uint(block, 4).finish()), block * 32)
  }
  return signs
}

/** Step 2, into a new array. `seed`: 64 bits. The absolute values of `vector` must add up to less than 2³¹. */
export function hadamard(vector: Int32Array, seed: bigint): Int32Array {
  return transform(vector, seedSigns(seed))
}

function transform(vector: Int32Array, signs: Uint8Array): Int32Array {
  const values = vector.slice()
  for (let k = 0; k < values.length; k++) {
    if (((signs[k >> 3]! >> (k & 7)) & 1) === 0) values[k] = -values[k]!
  }
  for (let half = 1; half < values.length; half *= 2) {
    for (let block = 0; block < values.length; block += 2 * half) {
      for (let k = block; k < block + half; k++) {
        const a = values[k]!
        const b = values[k + half]!
        values[k] = a + b
        values[k + half] = a - b
      }
    }
  }
  return values
}

/** Σ of squares, exact. */
function sumOfSquares(vector: Int32Array): bigint {
  let sum = 0n
  for (const value of vector) if (value !== 0) sum += BigInt(value) * BigInt(value)
  return sum
}

/**
 * Feature of a row's window. scale = ⌊(⌊length⌋ + 8) / 16⌋ of the vector of step 1, at least 1, at most
 * 65,535. Undefined (void) where no n-gram of the text has weight.
 */
export function rowFeature(ids: Uint32Array, rarity: Rarity, seed: bigint): RowFeature | undefined {
  const vector = lexicalVector(ids, rarity)
  const length = integerSqrt(sumOfSquares(vector))
  if (length === 0n) return undefined
  const stream = seedSigns(seed)
  const values = transform(vector, stream)
  const signs = new Uint8Array(SIGN_BYTES)
  for (let k = 0; k < DIMS; k++) {
    const value = values[k]!
    const plus = value === 0 ? (stream[k >> 3]! >> (k & 7)) & 1 : value > 0 ? 1 : 0
    signs[k >> 3] = signs[k >> 3]! | (plus << (k & 7))
  }
  const scale = (length + 8n) / 16n
  return { scale: scale < 1n ? 1 : scale > 65_535n ? 65_535 : Number(scale), signs }
}

/** The lower median of a version's scales; 0 of none. A version commits to it and caps scales at a multiple of it. */
export function medianScale(scales: readonly number[]): number {
  const sorted = [...scales].sort((a, b) => a - b)
  return sorted[(sorted.length - 1) >> 1] ?? 0
}

/** A gain of 1 in fixed point. */
const GAIN_ONE = 2 ** 32
/** Steps of the search for the gain: multiples m/1024 of the exact one, m = 0 … 4096. */
const GAIN_STEP_BITS = 10n
const MAX_GAIN_STEPS = 4096

/**
 * Values as a well-formed query: a gain brings Σq² to 1024·dims, every coordinate is rounded half to even
 * and cut to ±127.
 *
 * With S = Σ value², g = ⌊2³²·√(1024·dims/S)⌋ would do but for rounding and cutting. So: the least m for
 * which the gain ⌊g·m/1024⌋ reaches 1024·dims for the whole; then the fewest first coordinates take
 * it, the others the gain of m−1, so that 1024·dims is just reached. Σq² exceeds it by less than 2·127.
 * Undefined where the values are all 0, or so spiked that cutting keeps four times g below.
 */
export function quantiseQuery(values: Int32Array): Int8Array | undefined {
  const target = QUERY_MEAN_SQUARE * values.length
  const squares = sumOfSquares(values)
  if (squares === 0n) return undefined
  const exact = integerSqrt(((1n << 64n) * BigInt(target)) / squares)
  const gain = (steps: number): number => Number((exact * BigInt(steps)) >> GAIN_STEP_BITS)
  let below = 0
  let reaches = MAX_GAIN_STEPS
  if (squaresAt(values, gain(reaches)) < target) return undefined
  while (reaches - below > 1) {
    const middle = (below + reaches) >> 1
    if (squaresAt(values, gain(middle)) < target) below = middle
    else reaches = middle
  }
  return mixGains(values, gain(below), gain(reaches), target)
}

/** The fewest first coordinates at gain `high`, the others at gain `low`, so that Σq² ≥ target. */
function mixGains(values: Int32Array, low: number, high: number, target: number): Int8Array {
  const query = new Int8Array(values.length)
  let squares = squaresAt(values, low)
  for (let k = 0; k < values.length; k++) {
    const before = quantised(values[k]!, low)
    const after = squares < target ? quantised(values[k]!, high) : before
    query[k] = after
    squares += after * after - before * before
  }
  return query
}

/** Σq² at one gain: at most 127²·dims. */
function squaresAt(values: Int32Array, gain: number): number {
  let sum = 0
  for (let k = 0; k < values.length; k++) {
    const coordinate = quantised(values[k]!, gain)
    sum += coordinate * coordinate
  }
  return sum
}

/**
 * value·gain/2³² rounded half to even and cut to ±127. |value| ≤ √S and gain ≤ 4·2³²·32·√(dims/S), so the product
 * is at most 2³⁹·√dims < 2⁴⁷ and exact in a number.
 */
function quantised(value: number, gain: number): number {
  const product = (value < 0 ? -value : value) * gain
  const fraction = product % GAIN_ONE
  const floor = (product - fraction) / GAIN_ONE
  const up = fraction > GAIN_ONE / 2 || (fraction === GAIN_ONE / 2 && floor % 2 === 1)
  const rounded = up ? floor + 1 : floor
  const cut = Math.min(rounded, 127)
  return value < 0 ? -cut : cut
}

/**
 * Feature of a query (a question with its answer, or a text of its own): int8[DIMS] that checkQuery accepts.
 * Undefined (void) where no n-gram of the text has weight.
 */
export function queryFeature(ids: Uint32Array, rarity: Rarity, seed: bigint): Int8Array | undefined {
  return quantiseQuery(hadamard(lexicalVector(ids, rarity), seed))
}
