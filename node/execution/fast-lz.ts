/**
 * Length of bytes under FastLZ compression, level 1 (github.com/ariya/FastLZ, the version that the Fjord spec pins):
 * the estimate of a transaction's share of a compressed batch. Nothing is written, only counted.
 *
 * A literal run of up to 32 bytes costs its bytes and 1; a match of 3 to 264 bytes at a distance below 8192 costs 2,
 * or 3 where it is longer than 8.
 */
const HASH_SIZE = 8192
const MAX_DISTANCE = 8192
const MAX_LITERALS = 32
const LONGEST_MATCH = 262
/** No match begins in the last 13 bytes or reaches into the last 4. */
const TAIL = 13
const MATCH_TAIL = 4

const lastSeen = new Uint32Array(HASH_SIZE)

/** Three bytes, little endian. */
function threeBytes(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
}

function bucket(value: number): number {
  return (Math.imul(2654435769, value) >>> 19) & (HASH_SIZE - 1)
}

function literalsLength(count: number): number {
  const rest = count % MAX_LITERALS
  return Math.floor(count / MAX_LITERALS) * (MAX_LITERALS + 1) + (rest === 0 ? 0 : rest + 1)
}

/** `length`: how far the match goes on past its first three bytes, plus the mismatching byte that the format steps over. */
function matchLength(length: number): number {
  const count = length - 1
  return 3 * Math.floor(count / LONGEST_MATCH) + (count % LONGEST_MATCH >= 6 ? 3 : 2)
}

/** How many steps of comparison it takes to find the first difference, the differing one included. */
function comparedLength(bytes: Uint8Array, earlier: number, later: number, end: number): number {
  const limit = end - later
  for (let i = 0; i < limit; i++) {
    if (bytes[earlier + i] !== bytes[later + i]) return i + 1
  }
  return limit
}

/**
 * Position of the next three bytes that occurred before within reach, and of that occurrence; undefined at the end.
 * A match at the very last position looked at does not count.
 */
function nextMatch(bytes: Uint8Array, from: number, limit: number): { at: number; earlier: number } | undefined {
  for (let at = from; at < limit; at++) {
    const value = threeBytes(bytes, at)
    const slot = bucket(value)
    const earlier = lastSeen[slot]!
    lastSeen[slot] = at
    if (at - earlier < MAX_DISTANCE && value === threeBytes(bytes, earlier)) {
      return at + 1 < limit ? { at, earlier } : undefined
    }
  }
  return undefined
}

export function fastLzLength(bytes: Uint8Array): number {
  const limit = bytes.length < TAIL ? 0 : bytes.length - TAIL
  lastSeen.fill(0)
  let length = 0
  let anchor = 0
  for (let from = 2; from < limit; ) {
    const match = nextMatch(bytes, from, limit)
    if (match === undefined) break
    if (match.at > anchor) length += literalsLength(match.at - anchor)
    const compared = comparedLength(bytes, match.earlier + 3, match.at + 3, limit + TAIL - MATCH_TAIL)
    length += matchLength(compared)
    const after = match.at + compared
    lastSeen[bucket(threeBytes(bytes, after))] = after
    lastSeen[bucket(threeBytes(bytes, after + 1))] = after + 1
    anchor = after + 2
    from = anchor
  }
  return length + literalsLength(bytes.length - anchor)
}
