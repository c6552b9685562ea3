/**
 * What row i of a version speaks of: leaf i of manifestRoot. A row is a window of 512 tokens that the
 * protocol cuts, so that cutting a work into pieces gains nothing (docs/protocol.md, "Models").
 *
 *     index u32 ‖ contribution u64 ‖ contentHash 32 ‖ start u32 ‖ end u32      big endian
 */
import type { Hex } from 'viem'
import { ContributionId } from '../genesis/units.ts'
import { ByteReader, ByteWriter } from './byte-cursor.ts'
import { merkleLeaf, merkleRoot } from './merkle.ts'

/** Tokens of a row's window. */
export const WINDOW_TOKENS = 512
const ITEM_BYTES = 4 + 8 + 32 + 4 + 4

export type ManifestItem = {
  index: number
  contribution: ContributionId
  /** keccak256 of the contribution's content. */
  contentHash: Hex
  /** Tokens [start, end) of the content. */
  start: number
  end: number
}

/** 52 bytes. Throws RangeError where a field does not fit. */
export function encodeManifestItem(item: ManifestItem): Uint8Array {
  return new ByteWriter()
    .uint(item.index, 4)
    .uint(item.contribution, 8)
    .hex(item.contentHash, 32)
    .uint(item.start, 4)
    .uint(item.end, 4)
    .finish()
}

/** Inverse of {@link encodeManifestItem}. Throws RangeError on any other length. */
export function decodeManifestItem(bytes: Uint8Array): ManifestItem {
  if (bytes.length !== ITEM_BYTES) throw new RangeError(`manifest item: ${bytes.length} bytes, expected ${ITEM_BYTES}`)
  const reader = new ByteReader(bytes)
  const item = {
    index: reader.number(4),
    contribution: ContributionId(reader.uint(8)),
    contentHash: reader.hex(32),
    start: reader.number(4),
    end: reader.number(4),
  }
  reader.end()
  return item
}

/** The item's leaf hash under manifestRoot. */
export function manifestLeaf(item: ManifestItem): Uint8Array {
  return merkleLeaf(encodeManifestItem(item))
}

/** Throws RangeError where the items are not in the order of their indices from 0. */
export function manifestRoot(items: readonly ManifestItem[]): Hex {
  items.forEach((item, i) => {
    if (item.index !== i) throw new RangeError(`manifest item ${i} has index ${item.index}`)
  })
  return merkleRoot(items.map(manifestLeaf))
}

/** Windows of a content of `tokenCount` tokens: whole ones and a shorter last one; an empty content has one empty window. */
export function cutWindows(tokenCount: number): { start: number; end: number }[] {
  const windows: { start: number; end: number }[] = []
  for (let start = 0; start === 0 || start < tokenCount; start += WINDOW_TOKENS) {
    windows.push({ start, end: Math.min(start + WINDOW_TOKENS, tokenCount) })
  }
  return windows
}
