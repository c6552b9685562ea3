/** Bytes and queries to measure with, the same on every run. */

/** Bytes of xorshift32. */
export function drawnBytes(size: number, seed: number): Uint8Array {
  let state = seed | 1
  return new Uint8Array(size).map(() => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 3
  })
}

/** int8 queries, −127 … 127. */
export function drawnQueries(count: number, dims: number): Int8Array[] {
  return Array.from({ length: count }, (_, i) =>
    Int8Array.from(drawnBytes(dims, 1000 + i), (byte) => (byte % 255) - 127),
  )
}
