/**
 * MinHash over byte 8-shingles (Broder 1997) with 8 bands of 4 (locality-sensitive hashing): the door's
 * hint that two contents are near-copies (docs/protocol.md, "Datanets").
 *
 * A shingle's 8 bytes are two little-endian words a, b; h = mix32(mix32(a) + 0x9e3779b9 ^ b); value i is
 * the least mix32(h ^ SALTS[i]) over all shingles, SALTS[i] = mix32(i + 1). A content shorter than 8
 * bytes is one shingle, padded with zeros; an empty one has 32 values 0xffffffff. The values of a whole
 * are the element-wise least of those of chunks that overlap by 7 bytes.
 */
import type { Hex } from 'viem'
import { ByteWriter } from './byte-cursor.ts'
import { toHex } from './hex.ts'
import { mix32 } from './integer.ts'
import { keccak256 } from './keccak.ts'

export const MINHASH_SIZE = 32
export const BANDS = 8
const BAND_SIZE = MINHASH_SIZE / BANDS
const SHINGLE = 8
const SALTS = Uint32Array.from({ length: MINHASH_SIZE }, (_, i) => mix32(i + 1))

/** 32 values. */
export function minhash(content: Uint8Array): Uint32Array {
  const least = new Uint32Array(MINHASH_SIZE).fill(0xffffffff)
  if (content.length === 0) return least
  const bytes = new Uint8Array(Math.max(content.length, SHINGLE))
  bytes.set(content)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at + SHINGLE <= bytes.length; at++) {
    const first = mix32(view.getUint32(at, true))
    const hash = mix32((first + 0x9e3779b9) ^ view.getUint32(at + 4, true))
    for (let i = 0; i < MINHASH_SIZE; i++) {
      const value = mix32(hash ^ SALTS[i]!)
      if (value < least[i]!) least[i] = value
    }
  }
  return least
}

/** Keys of the 8 bands: keccak(band u8 ‖ four values u32 big endian). */
export function bandKeys(values: Uint32Array): Hex[] {
  if (values.length !== MINHASH_SIZE) throw new RangeError(`${values.length} MinHash values, expected ${MINHASH_SIZE}`)
  return Array.from({ length: BANDS }, (_, band) => {
    const writer = new ByteWriter().uint(band, 1)
    for (const value of values.subarray(band * BAND_SIZE, (band + 1) * BAND_SIZE)) writer.uint(value, 4)
    return toHex(keccak256(writer.finish()))
  })
}

/** How many of the 32 values agree. Jaccard similarity is estimated, in basis points, as matches·10000/32. */
export function matchingValues(a: Uint32Array, b: Uint32Array): number {
  if (a.length !== MINHASH_SIZE || b.length !== MINHASH_SIZE)
    throw new RangeError('MinHash needs 32 values on both sides')
  let matches = 0
  for (let i = 0; i < MINHASH_SIZE; i++) if (a[i] === b[i]) matches++
  return matches
}
