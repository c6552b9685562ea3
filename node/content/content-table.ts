/**
 * Contents of contributions by their keccak256. A block that accepts one writes it in its own atomic write
 * (chain/block-store.ts), so a node that executed the chain holds every content that rode in calldata. This room
 * reads them, and takes in from peers what a node lacks: the hash is the whole check.
 */
import type { Hex } from 'viem'
import { toHex } from '../../protocol/hex.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { hexKey } from '../store/key.ts'
import type { Store } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'

/** Bytes that do not hash to what they are said to be. */
export class ContentError extends Error {
  override name = 'ContentError'
}

/** Most bytes of one content that is taken in. */
export const MAX_CONTENT_BYTES = 16 * 1024 * 1024

export function readContent(store: Store, hash: Hex): Uint8Array | undefined {
  return store.get(TABLES.contents, hexKey(hash))
}

/** Stores bytes that a peer sent for a hash. Throws {@link ContentError}; nothing is written then. */
export async function takeContent(store: Store, hash: Hex, bytes: Uint8Array): Promise<void> {
  if (bytes.length > MAX_CONTENT_BYTES) {
    throw new ContentError(`content ${hash} has ${bytes.length} bytes, more than ${MAX_CONTENT_BYTES}`)
  }
  const found = toHex(keccak256(bytes))
  if (found !== hash) throw new ContentError(`content hashes to ${found}, not to ${hash}`)
  await store.write([{ type: 'put', table: TABLES.contents, key: hexKey(hash), value: bytes }])
}

/** Hashes held, in order, from after `after` on: what peers page through. */
export async function contentHashes(store: Store, options: { after?: Hex; limit: number }): Promise<Hex[]> {
  const hashes: Hex[] = []
  const gte = options.after === undefined ? undefined : afterKey(hexKey(options.after))
  for await (const [key] of store.range(TABLES.contents, { ...(gte && { gte }), limit: options.limit })) {
    hashes.push(toHex(key))
  }
  return hashes
}

/** The least key above another. */
function afterKey(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
