/**
 * Binary Merkle tree over 32-byte leaf hashes. A leaf is keccak(0x00 ‖ record), a node
 * keccak(0x01 ‖ left ‖ right), so that neither can be shown as the other; the odd one out at the end
 * of a level moves up as it is. The root of nothing is 32 zero bytes.
 */
import type { Hex } from 'viem'
import { concatBytes } from './byte-cursor.ts'
import { fromHex, toHex } from './hex.ts'
import { keccak256 } from './keccak.ts'

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** Hash of a record as a leaf. */
export function merkleLeaf(record: Uint8Array): Uint8Array {
  return keccak256(concatBytes([LEAF, record]))
}

function merkleNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return keccak256(concatBytes([NODE, left, right]))
}

function parents(level: Uint8Array[]): Uint8Array[] {
  const next: Uint8Array[] = []
  for (let i = 0; i + 1 < level.length; i += 2) next.push(merkleNode(level[i]!, level[i + 1]!))
  if (level.length % 2 === 1) next.push(level[level.length - 1]!)
  return next
}

/** Root of the tree over `leaves` (hashes of 32 bytes). */
export function merkleRoot(leaves: readonly Uint8Array[]): Hex {
  if (leaves.length === 0) return toHex(new Uint8Array(32))
  let level = [...leaves]
  while (level.length > 1) level = parents(level)
  return toHex(level[0]!)
}

/** Siblings on the way from leaf `index` to the root, lowest first. Throws RangeError where there is no such leaf. */
export function merkleProof(leaves: readonly Uint8Array[], index: number): Hex[] {
  if (!(index in leaves)) throw new RangeError(`no leaf ${index} among ${leaves.length}`)
  const proof: Hex[] = []
  let level = [...leaves]
  let at = index
  while (level.length > 1) {
    const sibling = level[at ^ 1]
    if (sibling !== undefined) proof.push(toHex(sibling))
    level = parents(level)
    at >>>= 1
  }
  return proof
}

/** True where `leaf` (32 bytes) is leaf `index` of the tree of `count` leaves under `root`. At most 2³² leaves. */
export function verifyMerkleProof(claim: {
  root: Hex
  leaf: Uint8Array
  index: number
  count: number
  proof: readonly Hex[]
}): boolean {
  const { root, leaf, index, count, proof } = claim
  if (leaf.length !== 32 || !Number.isInteger(index) || !Number.isInteger(count)) return false
  if (index < 0 || index >= count || count > 2 ** 32 || proof.length > 32) return false
  let hash = leaf
  let at = index
  let width = count
  let used = 0
  while (width > 1) {
    if ((at ^ 1) >>> 0 < width) {
      const text = proof[used++]
      if (text === undefined || !/^0x[0-9a-fA-F]{64}$/.test(text)) return false
      const sibling = fromHex(text)
      hash = at % 2 === 1 ? merkleNode(sibling, hash) : merkleNode(hash, sibling)
    }
    at = (at - (at % 2)) / 2
    width = (width + (width % 2)) / 2
  }
  return used === proof.length && toHex(hash) === root.toLowerCase()
}
