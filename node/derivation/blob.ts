/**
 * Rollup data in a blob (specs.optimism.io, "Ecotone: Blob Encoding"). A blob is 4,096 field elements of 32 bytes whose
 * top two bits must be 0; each takes 31 whole bytes and a 6-bit head, and four heads hold three more bytes:
 *
 *   round of 127 bytes:  A(31) x  B(31) y  C(31) z  D(31)
 *   heads:  a = x[0..5]   b = y[0..3] ‖ x[6..7]   c = z[0..5]   d = y[4..7] ‖ z[6..7]   (bit 0 is the lowest)
 *
 * The 130,048 bytes of 1,024 rounds are: version 0x00 ‖ length (u24) ‖ data ‖ zeros.
 */
import { BLOB_BYTES } from './constants.ts'
import { MalformedError } from './malformed.ts'

const ROUNDS = 1024
const ROUND_DATA = 127
const ROUND_BLOB = 128
const HEADER = 4
const ENCODING_VERSION = 0

/** Most bytes of data in one blob: 130,044. */
export const MAX_BLOB_DATA = ROUNDS * ROUND_DATA - HEADER

/** Throws a RangeError where the data is longer than {@link MAX_BLOB_DATA}. */
export function encodeBlob(data: Uint8Array): Uint8Array {
  if (data.length > MAX_BLOB_DATA) throw new RangeError(`${data.length} bytes do not fit a blob of ${MAX_BLOB_DATA}`)
  const plain = new Uint8Array(ROUNDS * ROUND_DATA)
  plain[0] = ENCODING_VERSION
  plain[1] = data.length >> 16
  plain[2] = (data.length >> 8) & 0xff
  plain[3] = data.length & 0xff
  plain.set(data, HEADER)
  const blob = new Uint8Array(BLOB_BYTES)
  const rounds = Math.ceil((HEADER + data.length) / ROUND_DATA)
  for (let round = 0; round < rounds; round++) encodeRound(plain, round * ROUND_DATA, blob, round * ROUND_BLOB)
  return blob
}

function encodeRound(plain: Uint8Array, from: number, blob: Uint8Array, to: number): void {
  const x = plain[from + 31]!
  const y = plain[from + 63]!
  const z = plain[from + 95]!
  blob[to] = x & 0x3f
  blob[to + 32] = (y & 0x0f) | ((x & 0xc0) >> 2)
  blob[to + 64] = z & 0x3f
  blob[to + 96] = ((z & 0xc0) >> 2) | ((y & 0xf0) >> 4)
  for (let part = 0; part < 4; part++) {
    const start = from + part * 32
    blob.set(plain.subarray(start, start + 31), to + part * 32 + 1)
  }
}

/** Throws {@link MalformedError}: the blob as a whole is then ignored. */
export function decodeBlob(blob: Uint8Array): Uint8Array {
  if (blob.length !== BLOB_BYTES) throw new MalformedError(`blob has ${blob.length} bytes, not ${BLOB_BYTES}`)
  const plain = new Uint8Array(ROUNDS * ROUND_DATA)
  for (let round = 0; round < ROUNDS; round++) decodeRound(blob, round * ROUND_BLOB, plain, round * ROUND_DATA)
  if (plain[0] !== ENCODING_VERSION) throw new MalformedError(`blob has encoding version ${plain[0]}`)
  const length = (plain[1]! << 16) | (plain[2]! << 8) | plain[3]!
  if (length > MAX_BLOB_DATA) throw new MalformedError(`blob claims ${length} bytes, above ${MAX_BLOB_DATA}`)
  for (let at = HEADER + length; at < plain.length; at++)
    if (plain[at] !== 0) throw new MalformedError(`blob has a byte at ${at} after its ${length} bytes of data`)
  return plain.subarray(HEADER, HEADER + length)
}

function decodeRound(blob: Uint8Array, from: number, plain: Uint8Array, to: number): void {
  const a = blob[from]!
  const b = blob[from + 32]!
  const c = blob[from + 64]!
  const d = blob[from + 96]!
  if (((a | b | c | d) & 0xc0) !== 0)
    throw new MalformedError(`blob has a field element above 254 bits near byte ${from}`)
  for (let part = 0; part < 4; part++) {
    const start = from + part * 32 + 1
    plain.set(blob.subarray(start, start + 31), to + part * 32)
  }
  plain[to + 31] = (a & 0x3f) | ((b & 0x30) << 2)
  plain[to + 63] = (b & 0x0f) | ((d & 0x0f) << 4)
  plain[to + 95] = (c & 0x3f) | ((d & 0x30) << 2)
}
