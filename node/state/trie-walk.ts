/** Reading a Merkle–Patricia trie in the database: its root, proofs (EIP-1186), and walking the whole of it. */
import type { Hex } from 'viem'
import { keccak256 } from '../../protocol/keccak.ts'
import { hexOf } from './account-codec.ts'
import { isRemoval, payloadOf } from './record.ts'
import {
  BRANCH,
  BRANCH_HEAD,
  branchChild,
  damaged,
  decodeExtension,
  EMPTY_ROOT,
  encodeLeaf,
  LEAF,
  pathOf,
  presentChildren,
  type Reference,
} from './trie-node.ts'

/** A trie in the database. */
export interface TrieSource<Value> {
  /** The record at a path (nibbles, one a byte); one that says "removed" may be given, too. */
  record(path: Uint8Array): Uint8Array | undefined
  /** What a leaf's locator stands for. */
  leaf(locator: Uint8Array): { key: Uint8Array; value: Value }
  /** A value as the leaf holds it; good until the next call. */
  encode(value: Value): Uint8Array
}

const NOTHING = new Uint8Array(0)

/** Root of a trie in the database. */
export function trieRoot<Value>(source: TrieSource<Value>): Hex {
  const root = nodeAt(source, NOTHING, undefined)
  return root === undefined ? EMPTY_ROOT : hexOf(keccak256(root.rlp))
}

/** A node as the database has it. `reference`: what its parent holds for it, undefined for the root. */
export type StoredNode = {
  path: Uint8Array
  rlp: Uint8Array
  reference: Reference | undefined
  /** A leaf's full key. */
  key: Uint8Array | undefined
  record: Uint8Array
}

/** Merkle proof of a key, present or absent: encodings from the root down (EIP-1186). Empty for an empty trie. */
export function trieProof<Value>(source: TrieSource<Value>, key: Uint8Array): Uint8Array[] {
  const nibbles = pathOf(key, 2 * key.length)
  const proof: Uint8Array[] = []
  for (let depth = 0; ; ) {
    const node = nodeAt(source, nibbles.subarray(0, depth), undefined)
    if (node === undefined) {
      if (depth === 0) return []
      throw damaged(`no trie node at path [${nibbles.subarray(0, depth)}]`)
    }
    // Shorter ones stand in their parents.
    if (node.rlp.length >= 32 || depth === 0) proof.push(node.rlp)
    const next = nextDepth(node, nibbles, depth)
    if (next === undefined) return proof
    depth = next
  }
}

/** Where the way of a key goes on below a node; undefined where it ends. */
function nextDepth({ rlp, record }: StoredNode, nibbles: Uint8Array, depth: number): number | undefined {
  const payload = payloadOf(record)
  if (payload[0] === LEAF) return undefined
  if (payload[0] === BRANCH) return branchChild(rlp, nibbles[depth]!) === undefined ? undefined : depth + 1
  const { nibbles: more } = decodeExtension(rlp)
  return more.every((nibble, i) => nibbles[depth + i] === nibble) ? depth + more.length : undefined
}

/** All nodes of a trie, parents before children, in order of keys. Throws where one is missing. */
export function* walkTrie<Value>(source: TrieSource<Value>): Generator<StoredNode> {
  const root = nodeAt(source, NOTHING, undefined)
  if (root === undefined) return
  const waiting = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node
    for (const [path, reference] of childrenOf(node)) {
      const child = nodeAt(source, path, reference)
      if (child === undefined) throw damaged(`no trie node at path [${path}]`)
      waiting.push(child)
    }
  }
}

/** Last first. */
function childrenOf({ path, rlp, record }: StoredNode): [path: Uint8Array, reference: Reference][] {
  const kind = payloadOf(record)[0]
  if (kind === LEAF) return []
  if (kind !== BRANCH) {
    const { nibbles, child } = decodeExtension(rlp)
    return [[Buffer.concat([path, nibbles]), child]]
  }
  const present = presentChildren(rlp)
  const children: [Uint8Array, Reference][] = []
  for (let i = 15; i >= 0; i--) {
    if (present & (1 << i)) children.push([Buffer.concat([path, Uint8Array.of(i)]), branchChild(rlp, i)!])
  }
  return children
}

function nodeAt<Value>(
  source: TrieSource<Value>,
  path: Uint8Array,
  reference: Reference | undefined,
): StoredNode | undefined {
  const record = source.record(path)
  if (record === undefined || isRemoval(record)) return undefined
  const payload = payloadOf(record)
  if (payload[0] !== LEAF) {
    const rlp = payload.subarray(payload[0] === BRANCH ? BRANCH_HEAD : 1)
    return { path, rlp, reference, key: undefined, record }
  }
  const { key, value } = source.leaf(payload.subarray(1))
  const rlp = Uint8Array.prototype.slice.call(encodeLeaf(key, path.length, source.encode(value)))
  return { path, rlp, reference, key, record }
}
