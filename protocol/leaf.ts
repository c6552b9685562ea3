/**
 * A request's leaf: its receipt, the block it refers to, the query and the entries (docs/protocol.md,
 * "Attribution"). The fields are those of Attribution's Leaf struct, as viem decodes them.
 *
 *     channel 32 ‖ n u64 ‖ version u64 ‖ fee u128 ‖ promptTokens u32 ‖ outputTokens u32 ‖
 *     promptHash 32 ‖ outputHash 32 ‖ openable u8 (0, 1) ‖ asOf u64 ‖ queryHash 32 ‖
 *     count u16 ‖ count × (row u32 ‖ cluster u64 ‖ raw i32 ‖ scale u16)                  big endian
 */
import type { Hex } from 'viem'
import { ByteReader, ByteWriter } from './byte-cursor.ts'
import type { ListedEntry } from './entries.ts'
import { toHex } from './hex.ts'
import { merkleLeaf } from './merkle.ts'
import type { AnswerReceipt } from './receipt.ts'
import type { SumNode } from './sum-tree.ts'

export type Leaf = AnswerReceipt & {
  /** L2 block at which withdrawals were read. */
  asOf: bigint
  queryHash: Hex
  entries: readonly ListedEntry[]
}

/** The parameter maxEntries is never set above this, so no leaf that was settled has more. */
export const MOST_ENTRIES = 32

/** 179 bytes and 18 for each entry. Throws RangeError where a field does not fit. */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  const writer = new ByteWriter()
    .hex(leaf.channel, 32)
    .uint(leaf.n, 8)
    .uint(leaf.version, 8)
    .uint(leaf.fee, 16)
    .uint(leaf.promptTokens, 4)
    .uint(leaf.outputTokens, 4)
    .hex(leaf.promptHash, 32)
    .hex(leaf.outputHash, 32)
    .bool(leaf.openable)
    .uint(leaf.asOf, 8)
    .hex(leaf.queryHash, 32)
    .uint(leaf.entries.length, 2)
  for (const entry of leaf.entries) {
    writer.uint(entry.row, 4).uint(entry.cluster, 8).int32(entry.raw).uint(entry.scale, 2)
  }
  return writer.finish()
}

/** Inverse of {@link encodeLeaf}. Throws RangeError on anything that it would not write. */
export function decodeLeaf(bytes: Uint8Array): Leaf {
  const reader = new ByteReader(bytes)
  const leaf = {
    channel: reader.hex(32),
    n: reader.uint(8),
    version: reader.uint(8),
    fee: reader.uint(16),
    promptTokens: reader.number(4),
    outputTokens: reader.number(4),
    promptHash: reader.hex(32),
    outputHash: reader.hex(32),
    openable: reader.bool(),
    asOf: reader.uint(8),
    queryHash: reader.hex(32),
    entries: Array.from({ length: reader.number(2) }, () => ({
      row: reader.number(4),
      cluster: reader.uint(8),
      raw: reader.int32(),
      scale: reader.number(2),
    })),
  }
  reader.end()
  return leaf
}

/** keccak(0x00 ‖ encoded): the leaf's hash in a tree of leaves. */
export function leafHash(leaf: Leaf): Hex {
  return encodedLeafHash(encodeLeaf(leaf))
}

/** The same, for who has its bytes. */
export function encodedLeafHash(encoded: Uint8Array): Hex {
  return toHex(merkleLeaf(encoded))
}

/** The leaf in a tree of sums: a batch's. */
export function leafNode(leaf: Leaf): SumNode {
  return { hash: leafHash(leaf), sum: leaf.fee }
}
