/** Keys of the flat tables and of trie leaves. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { bytes } from './account-codec.ts'
import { RecentCache } from './recent-cache.ts'

const hashes = new RecentCache<Hex, Uint8Array>(50_000)

/** keccak of an address or a slot: its key in the trie. */
export function hashedKey(hex: Hex): Uint8Array {
  let hash = hashes.get(hex)
  if (hash === undefined) {
    hash = keccak256(bytes(hex))
    hashes.set(hex, hash)
  }
  return hash
}

/** address ‖ keccak(slot). By hash, so that a wipe can name the keys from the trie alone. */
export function slotKey(address: Address, hashedSlot: Uint8Array): Uint8Array {
  return joined(address, hashedSlot)
}

/** address ‖ path. */
export function slotNodeKey(address: Address, path: Uint8Array): Uint8Array {
  return joined(address, path)
}

function joined(address: Address, rest: Uint8Array): Uint8Array {
  const key = new Uint8Array(20 + rest.length)
  key.set(bytes(address))
  key.set(rest, 20)
  return key
}
