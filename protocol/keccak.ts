/** keccak256, synchronous, in WASM (hash-wasm: eight times the rate of plain JavaScript on short inputs). */
import { createKeccak } from 'hash-wasm'

const hasher = await createKeccak(256)

/** keccak256 of the bytes: 32 bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  hasher.init()
  hasher.update(bytes)
  return hasher.digest('binary')
}
