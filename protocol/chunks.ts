/**
 * Large contents as chunks (docs/protocol.md, "Datanets"): each begins 57,337 bytes after the one before, so that two
 * neighbours share 7 bytes and no shingle of 8 is lost, and is 57,344 bytes long, but for the last.
 *
 *     chunk i    bytes [i·57,337, min(size, i·57,337 + 57,344))
 *     leaf i     keccak(0x00 ‖ keccak(chunk) 32 ‖ its 32 MinHash values u32)
 *     root       of the Merkle tree over the leaves: what stands in place of the content's hash
 *     MinHash    of the whole: the element-wise least of the chunks'
 */
import type { Hex } from 'viem'
import { ByteWriter } from './byte-cursor.ts'
import { toHex } from './hex.ts'
import { keccak256 } from './keccak.ts'
import { merkleLeaf, merkleProof, merkleRoot } from './merkle.ts'
import { MINHASH_SIZE, minhash } from './minhash.ts'

export const CHUNK_BYTES = 57_344
const OVERLAP = 7
const STRIDE = CHUNK_BYTES - OVERLAP
/** Most chunks of a content: about 235 MB. */
export const MAX_CHUNKS = 4_096

/** How many chunks a content of `size` bytes has. */
export function chunkCount(size: number): number {
  return size <= CHUNK_BYTES ? 1 : 1 + Math.ceil((size - CHUNK_BYTES) / STRIDE)
}

/** Bytes of chunk `index` of a content of `size` bytes. */
export function chunkLength(size: number, index: number): number {
  return Math.min(size - index * STRIDE, CHUNK_BYTES)
}

/** The content's chunks, as views of it. */
export function chunksOf(content: Uint8Array): Uint8Array[] {
  return Array.from({ length: chunkCount(content.length) }, (_, i) =>
    content.subarray(i * STRIDE, i * STRIDE + chunkLength(content.length, i)),
  )
}

/** Inverse of {@link chunksOf}. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const parts = chunks.map((chunk, i) => (i === 0 ? chunk : chunk.subarray(OVERLAP)))
  const content = new Uint8Array(parts.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const part of parts) {
    content.set(part, at)
    at += part.length
  }
  return content
}

/** A chunk's leaf hash. */
export function chunkLeaf(chunkHash: Hex, values: Uint32Array): Uint8Array {
  if (values.length !== MINHASH_SIZE) throw new RangeError(`${values.length} MinHash values, expected ${MINHASH_SIZE}`)
  const writer = new ByteWriter().hex(chunkHash, 32)
  for (const value of values) writer.uint(value, 4)
  return merkleLeaf(writer.finish())
}

export type ChunkedContent = {
  size: number
  root: Hex
  minhash: Uint32Array
  chunks: { bytes: Uint8Array; hash: Hex; minhash: Uint32Array; proof: Hex[] }[]
}

/** A content as its contributor declares it and shows it, chunk by chunk. */
export function chunkContent(content: Uint8Array): ChunkedContent {
  const parts = chunksOf(content).map((bytes) => ({
    bytes,
    hash: toHex(keccak256(bytes)),
    minhash: minhash(bytes),
  }))
  const leaves = parts.map(({ hash, minhash: values }) => chunkLeaf(hash, values))
  const least = new Uint32Array(MINHASH_SIZE).fill(0xffffffff)
  for (const { minhash: values } of parts)
    values.forEach((value, i) => {
      if (value < least[i]!) least[i] = value
    })
  const chunks = parts.map((part, i) => ({ ...part, proof: merkleProof(leaves, i) }))
  return { size: content.length, root: merkleRoot(leaves), minhash: least, chunks }
}
