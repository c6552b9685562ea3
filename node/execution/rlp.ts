/**
 * Strict reading of RLP (Ethereum yellow paper, appendix B): only the one canonical form of each item, a
 * bounded depth, views instead of copies. Writing is left to @ethereumjs/rlp.
 *
 *   00..7f  the byte itself                     c0..f7  list of 0..55 bytes
 *   80..b7  string of 0..55 bytes               f8..ff  list of more, its length in the next 1..8 bytes
 *   b8..bf  string of more, its length in the next 1..8 bytes
 */
import { RLP } from '@ethereumjs/rlp'

export type RlpItem = Uint8Array | RlpItem[]

/** Not the canonical form of any item. */
export class RlpError extends Error {
  override name = 'RlpError'
}

/** Deepest nesting that any structure of the chain has, with room: block > transactions > access list > item > keys. */
const MAX_DEPTH = 8

/** Where an item's content stands. */
export type RlpHeader = { isList: boolean; start: number; end: number }

function readLength(bytes: Uint8Array, at: number, size: number): number {
  if (at + size > bytes.length) throw new RlpError(`length at byte ${at} runs past the end`)
  if (bytes[at] === 0) throw new RlpError(`length at byte ${at} has a leading zero`)
  if (size > 4) throw new RlpError(`length at byte ${at} is over 4 GiB`)
  let length = 0
  for (let i = 0; i < size; i++) length = length * 256 + bytes[at + i]!
  if (length < 56) throw new RlpError(`length ${length} at byte ${at} must be in the short form`)
  return length
}

/** The header at `at` of an item that must end by `limit`, for readers that go item by item. Throws {@link RlpError}. */
export function readRlpHeader(bytes: Uint8Array, at: number, limit: number): RlpHeader {
  if (at >= limit) throw new RlpError(`an item is missing at byte ${at}`)
  const first = bytes[at]!
  if (first < 0x80) return { isList: false, start: at, end: at + 1 }
  const isList = first >= 0xc0
  const short = first - (isList ? 0xc0 : 0x80)
  const sizeOfLength = short > 55 ? short - 55 : 0
  const length = sizeOfLength === 0 ? short : readLength(bytes, at + 1, sizeOfLength)
  const start = at + 1 + sizeOfLength
  const end = start + length
  if (end > limit) throw new RlpError(`item at byte ${at} runs past the end of what holds it`)
  if (!isList && length === 1 && bytes[start]! < 0x80) throw new RlpError(`byte at ${start} must stand for itself`)
  return { isList, start, end }
}

function readItem(bytes: Uint8Array, header: RlpHeader, depth: number): RlpItem {
  if (!header.isList) return bytes.subarray(header.start, header.end)
  if (depth === MAX_DEPTH) throw new RlpError(`lists nest deeper than ${MAX_DEPTH}`)
  const items: RlpItem[] = []
  for (let at = header.start; at < header.end; ) {
    const inner = readRlpHeader(bytes, at, header.end)
    items.push(readItem(bytes, inner, depth + 1))
    at = inner.end
  }
  return items
}

/** The one item that the bytes are. Strings are views of the input. Throws {@link RlpError}. */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  if (bytes.length === 0) throw new RlpError('no bytes')
  const header = readRlpHeader(bytes, 0, bytes.length)
  if (header.end !== bytes.length) throw new RlpError(`${bytes.length - header.end} bytes left over`)
  return readItem(bytes, header, 0)
}

/** Items that stand back to back, each as its own bytes. Throws {@link RlpError}. */
export function splitRlp(bytes: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const { end } = readRlpHeader(bytes, at, bytes.length)
    items.push(bytes.subarray(at, end))
    at = end
  }
  return items
}

export function encodeRlp(item: RlpItem): Uint8Array {
  return RLP.encode(item)
}
