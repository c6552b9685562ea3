/**
 * When two rows say the same (docs/protocol.md, "Rows" and challenge 6): their signs agree in 85 % or more, a cosine of
 * about 0.9; rows of unrelated texts agree in 50 ± 0.3 %. A void row, of scale 0, is the same as none.
 */
const SAME_PERCENT = 85
/** Bytes after which {@link areSame} looks whether it has seen enough. */
const STRIDE = 256

/** By byte: how many of its bits are 1. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0
  for (let bits = byte; bits !== 0; bits &= bits - 1) count++
  return count
})

type Signed = { scale: number; signs: Uint8Array }

function differing(one: Uint8Array, other: Uint8Array, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i++) count += ONES[one[i]! ^ other[i]!]!
  return count
}

/** How many signs of two rows agree. */
export function agreeingSigns(one: Uint8Array, other: Uint8Array): number {
  return 8 * one.length - differing(one, other, 0, one.length)
}

/** Whether two rows are the same: neither void, and enough of their signs agree. */
export function areSame(one: Signed, other: Signed): boolean {
  if (one.scale === 0 || other.scale === 0) return false
  const { length } = one.signs
  let different = 0
  for (let from = 0; from < length; from += STRIDE) {
    different += differing(one.signs, other.signs, from, Math.min(from + STRIDE, length))
    if (100 * different > (100 - SAME_PERCENT) * 8 * length) return false
  }
  return true
}

/**
 * Of a version's rows by index: which repeat an earlier one of their cluster that is no repetition itself. These are void, so that
 * no two rows of one cluster are the same, and a text that repeats itself is paid once for it.
 */
export function repeats(rows: readonly (Signed & { cluster: bigint })[]): boolean[] {
  const kept = new Map<bigint, Signed[]>()
  return rows.map((row) => {
    const earlier = kept.get(row.cluster) ?? []
    if (earlier.some((other) => areSame(other, row))) return true
    kept.set(row.cluster, earlier)
    earlier.push(row)
    return false
  })
}
