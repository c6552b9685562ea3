/**
 * Changing a Merkle–Patricia trie by a whole block at once. The changes are sorted by key and led down from the root,
 * those that part go different ways; so every node on the way is read once, made anew once and hashed once, children
 * before parents. Nothing that was there is touched: a block that is given up costs nothing.
 *
 * Invariant of the database: it holds a node at a path exactly where the trie has one. A leaf's record only says where
 * its value lies, and stays as it is when the value changes.
 */
import { RLP } from '@ethereumjs/rlp'
import type { Hex } from 'viem'
import { keccak256 } from '../../protocol/keccak.ts'
import { hexOf } from './account-codec.ts'
import { encodeRecord, isRemoval, newRecord, payloadOf } from './record.ts'
import {
  BRANCH,
  BRANCH_HEAD,
  branchBody,
  branchChild,
  damaged,
  decodeExtension,
  EMPTY_ROOT,
  EXTENSION,
  encodeExtension,
  encodeLeaf,
  joinedKey,
  LEAF,
  listLength,
  nibbleAt,
  pathOf,
  presentChildren,
  type Reference,
  referenceOf,
  writeBranch,
} from './trie-node.ts'
import { type TrieSource, trieRoot } from './trie-walk.ts'

/**
 * One key's new value; undefined removes it. Keys must be free of prefixes of one another, encoded values not empty.
 * `existed`: whether the trie has the key already. `stub`: the depth at which the database is found to have the leaf's
 * record, -1 for nowhere yet.
 */
export type TrieLeaf<Value> = {
  key: Uint8Array
  value: Value | undefined
  existed: boolean
  locator: Uint8Array
  stub: number
}

export function trieLeaf<Value>(
  key: Uint8Array,
  value: Value | undefined,
  existed: boolean,
  locator: Uint8Array,
): TrieLeaf<Value> {
  return { key, value, existed, locator, stub: -1 }
}

/** A branch or an extension in memory, with those of its children that are there, too (an extension's at 0). */
export type TrieNode = {
  record: Uint8Array
  children: (TrieNode | undefined)[] | undefined
  /** The last block that led through it. */
  used: number
}

/**
 * Takes a node's new record, and the one before. `mask`: the children that differ where a branch has stayed one, else 0.
 */
export type NodeSink = (path: Uint8Array, record: Uint8Array, before: Uint8Array | undefined, mask: number) => void

export type UpdateOptions = {
  /** The block. */
  number: number
  /** The trie's top in memory, where it is there. */
  root?: TrieNode | undefined
  /** Nothing of what the source has belongs to the trie any more. */
  empty?: boolean
  emit: NodeSink
}

export type UpdatedTrie = {
  rootHash: Hex
  /** undefined where the trie is empty or a single leaf. */
  root: TrieNode | undefined
  /** Nodes read into the old trie in memory; and about how many more the new one holds than the old. */
  loaded: number
  grown: number
}

/**
 * A subtree whose top is the branch at the first `depth` nibbles of `key`, with an extension above it where that is not its
 * place. `node`: the top in memory, where it is there.
 */
type Subtree = { key: Uint8Array; depth: number; reference: Reference; node: TrieNode | undefined }
type Floating<Value> = TrieLeaf<Value> | Subtree
type Placed = { reference: Reference; node: TrieNode | undefined }

const EMPTY = new Uint8Array(0)

/** Bytes as a string, for maps. */
export function nodeName(path: Uint8Array): string {
  return Buffer.from(path.buffer, path.byteOffset, path.length).toString('latin1')
}

/** Applies a block's changes, given in any order. */
export function updateTrie<Value>(
  source: TrieSource<Value>,
  leaves: TrieLeaf<Value>[],
  options: UpdateOptions,
): UpdatedTrie {
  const { root, empty } = options
  const update = new Update(source, options)
  const isNew = empty || (root === undefined && isAbsent(source.record(EMPTY)))
  if (leaves.length === 0) return update.finish(isNew ? EMPTY_ROOT : trieRoot(source), isNew ? undefined : root)
  if (empty) for (const leaf of leaves) leaf.existed = false
  leaves.sort(byKey)
  const top = isNew
    ? update.plant(leaves, 0, leaves.length, 0)
    : update.change(root ?? update.load(EMPTY, 0), leaves, 0, leaves.length, 0)
  if (top === undefined) return update.finish(EMPTY_ROOT, undefined)
  const { reference, node } = update.place(top, 0)
  return update.finish(hexOf(reference.length === 32 ? reference : keccak256(reference)), node)
}

/** Root of the trie of a list: key RLP(index), value as given. For a block's transactions and receipts. */
export function orderedTrieRoot(values: Uint8Array[]): Hex {
  const leaves = values.map((value, index) => trieLeaf(RLP.encode(index), value, false, EMPTY))
  return updateTrie(NO_SOURCE, leaves, { number: 0, empty: true, emit: () => undefined }).rootHash
}

const NO_SOURCE: TrieSource<Uint8Array> = {
  record: () => undefined,
  leaf: () => {
    throw new Error('a list has no leaves in the database')
  },
  encode: (value) => value,
}

function isAbsent(record: Uint8Array | undefined): boolean {
  return record === undefined || isRemoval(record)
}

function byKey({ key: a }: { key: Uint8Array }, { key: b }: { key: Uint8Array }): number {
  // Nearly all differ in the first bytes.
  const first = a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!
  return Number.isNaN(first) || first === 0 ? Buffer.compare(a, b) : first
}

class Update<Value> {
  readonly #source: TrieSource<Value>
  readonly #number: number
  readonly #emit: NodeSink
  /** Paths from which a node has gone and where none has come yet, with its record where that was at hand. */
  readonly #vacated = new Map<string, { path: Uint8Array; record: Uint8Array | undefined }>()
  /** Room for one branch's children at each depth, and for one branch's references. */
  readonly #room: (Floating<Value> | undefined)[][] = []
  readonly #references = new Array<Reference | undefined>(16).fill(undefined)
  #loaded = 0
  #grown = 0

  constructor(source: TrieSource<Value>, { number, emit }: UpdateOptions) {
    this.#source = source
    this.#number = number
    this.#emit = emit
  }

  /** Leads `leaves[from..to)` through a node at their common path of `depth` nibbles. */
  change(
    node: TrieNode,
    leaves: TrieLeaf<Value>[],
    from: number,
    to: number,
    depth: number,
  ): Floating<Value> | undefined {
    node.used = this.#number
    const payload = payloadOf(node.record)
    if (payload[0] === BRANCH) return this.#changeBranch(node, payload, leaves, from, to, depth)
    if (payload[0] === LEAF) return this.#changeLeaf(leaves, from, to, depth)
    const { key } = leaves[from]!
    this.#vacate(key, depth, node.record)
    const { nibbles, child } = decodeExtension(payload.subarray(1))
    const target = joinedKey(key, depth, nibbles)
    const below = { key: target, depth: depth + nibbles.length, reference: child, node: node.children?.[0] }
    return this.#changeBelow(below, leaves, from, to, depth)
  }

  /** A subtree of new leaves only; those without a value are keys that the trie does not have anyway, or has no more. */
  plant(leaves: TrieLeaf<Value>[], from: number, to: number, depth: number): Floating<Value> | undefined {
    for (let i = from; i < to; i++) {
      if (leaves[i]!.value !== undefined) continue
      const kept = leaves.slice(from, to).filter((leaf) => this.#keeps(leaf))
      return this.#grow(kept, 0, kept.length, depth)
    }
    return this.#grow(leaves, from, to, depth)
  }

  /** Puts a node where it belongs. */
  place(floating: Floating<Value>, depth: number): Placed {
    if (!('reference' in floating)) return { reference: this.#placeLeaf(floating, depth), node: undefined }
    if (floating.depth === depth) return floating
    const { key, reference, node } = floating
    const rlp = encodeExtension(key, depth, floating.depth, reference)
    const path = pathOf(key, depth)
    const before = this.#found(path)
    const record = newRecord(this.#number, before, 1 + rlp.length)
    record[record.length - rlp.length - 1] = EXTENSION
    record.set(rlp, record.length - rlp.length)
    this.#emit(path, record, before, 0)
    this.#grown++
    return { reference: referenceOf(rlp), node: { record, children: [node], used: this.#number } }
  }

  finish(rootHash: Hex, root: TrieNode | undefined): UpdatedTrie {
    for (const { path, record } of this.#vacated.values()) {
      const before = record ?? this.#source.record(path)
      if (before === undefined) throw damaged(`no trie node at path [${path}]`)
      this.#emit(path, encodeRecord(this.#number, before, EMPTY), before, 0)
    }
    return { rootHash, root, loaded: this.#loaded, grown: this.#grown }
  }

  /** Reads the node at the first `depth` nibbles of a key. */
  load(key: Uint8Array, depth: number): TrieNode {
    const path = pathOf(key, depth)
    const record = this.#source.record(path)
    if (record === undefined || isRemoval(record)) throw damaged(`no trie node at path [${path}]`)
    this.#loaded++
    return { record, children: undefined, used: this.#number }
  }

  #changeBranch(
    node: TrieNode,
    payload: Uint8Array,
    leaves: TrieLeaf<Value>[],
    from: number,
    to: number,
    depth: number,
  ): Floating<Value> | undefined {
    const rlp = payload.subarray(BRANCH_HEAD)
    const present = presentChildren(rlp)
    const leafBits = (payload[1]! << 8) | payload[2]!
    const changed = this.#children(depth)
    let mask = 0
    let alive = 0
    for (let start = from, end = from; start < to; start = end) {
      const index = nibbleAt(leaves[start]!.key, depth)
      end = groupEnd(leaves, start, to, depth)
      const bit = 1 << index
      mask |= bit
      if (!(present & bit)) changed[index] = this.plant(leaves, start, end, depth + 1)
      else if (leafBits & bit) changed[index] = this.#changeLeaf(leaves, start, end, depth + 1)
      else
        changed[index] = this.change(this.#child(node, index, leaves[start]!, depth + 1), leaves, start, end, depth + 1)
      if (changed[index] !== undefined) alive++
    }
    const { key } = leaves[from]!
    const untouched = present & ~mask
    if (bitCount(untouched) + alive >= 2) return this.#branch(key, depth, changed, { node, rlp, mask, leafBits })
    this.#vacate(key, depth, node.record)
    if (untouched === 0) return changed.find((child) => child !== undefined)
    const index = 31 - Math.clz32(untouched)
    const path = joinedKey(key, depth, Uint8Array.of(index))
    if (leafBits & untouched) return this.#loadLeaf(path, depth + 1)
    const only = node.children?.[index] ?? this.load(path, depth + 1)
    return this.#risen(path, depth + 1, only, branchChild(rlp, index)!)
  }

  /** What becomes of a leaf at `depth` and of changes that lead to it. */
  #changeLeaf(leaves: TrieLeaf<Value>[], from: number, to: number, depth: number): Floating<Value> | undefined {
    for (let i = from; i < to; i++) {
      const leaf = leaves[i]!
      if (!leaf.existed) continue
      leaf.stub = depth
      return this.plant(leaves, from, to, depth)
    }
    const other = this.#loadLeaf(leaves[from]!.key, depth)
    const all = [...leaves.slice(from, to), other].sort(byKey)
    return this.plant(all, 0, all.length, depth)
  }

  /** What becomes of an extension from `depth` down to a branch, and of changes that lead into it. */
  #changeBelow(
    below: Subtree,
    leaves: TrieLeaf<Value>[],
    from: number,
    to: number,
    depth: number,
  ): Floating<Value> | undefined {
    const first = commonDepth(below.key, leaves[from]!.key, depth)
    const split = Math.min(below.depth, first, commonDepth(below.key, leaves[to - 1]!.key, depth))
    if (split === below.depth) return this.change(below.node ?? this.load(below.key, split), leaves, from, to, split)
    const own = nibbleAt(below.key, split)
    const children = this.#children(split)
    children[own] = below
    for (let start = from, end = from; start < to; start = end) {
      const index = nibbleAt(leaves[start]!.key, split)
      end = groupEnd(leaves, start, to, split)
      if (index !== own) children[index] = this.plant(leaves, start, end, split + 1)
      else children[index] = this.#changeBelow(below, leaves, start, end, split + 1)
    }
    const alive = children.filter((child) => child !== undefined)
    return alive.length < 2 ? alive[0] : this.#branch(below.key, split, children, undefined)
  }

  #grow(leaves: TrieLeaf<Value>[], from: number, to: number, depth: number): Floating<Value> | undefined {
    if (to - from < 2) return leaves[from]
    const { key } = leaves[from]!
    const split = commonDepth(key, leaves[to - 1]!.key, depth)
    const children = this.#children(split)
    for (let start = from, end = from; start < to; start = end) {
      end = groupEnd(leaves, start, to, split)
      children[nibbleAt(leaves[start]!.key, split)] = this.#grow(leaves, start, end, split + 1)
    }
    return this.#branch(key, split, children, undefined)
  }

  /** A branch with these children, over the old one's others. */
  #branch(
    key: Uint8Array,
    depth: number,
    floating: (Floating<Value> | undefined)[],
    old: { node: TrieNode; rlp: Uint8Array; mask: number; leafBits: number } | undefined,
  ): Subtree {
    const mask = old?.mask ?? 0xffff
    let leafBits = (old?.leafBits ?? 0) & ~mask
    let children = old?.node.children?.slice()
    for (let index = 0; index < 16; index++) {
      if (!(mask & (1 << index))) continue
      const child = floating[index]
      const placed = child && this.place(child, depth + 1)
      if (child !== undefined && !('reference' in child)) leafBits |= 1 << index
      this.#references[index] = placed?.reference
      if (placed?.node === undefined && children === undefined) continue
      children ??= new Array(16).fill(undefined)
      children[index] = placed?.node
    }
    if (old === undefined) this.#grown++
    const replacement = { mask, children: this.#references }
    const body = branchBody(old?.rlp, replacement)
    const path = pathOf(key, depth)
    const before = old === undefined ? this.#found(path) : old.node.record
    const record = newRecord(this.#number, before, BRANCH_HEAD + listLength(body))
    const at = record.length - listLength(body)
    record[at - 3] = BRANCH
    record[at - 2] = leafBits >> 8
    record[at - 1] = leafBits & 0xff
    writeBranch(record, at, body, old?.rlp, replacement)
    this.#emit(path, record, before, old === undefined ? 0 : mask)
    return { key, depth, reference: referenceOf(record.subarray(at)), node: { record, children, used: this.#number } }
  }

  #placeLeaf({ key, locator, stub, value }: TrieLeaf<Value>, depth: number): Reference {
    if (stub !== depth) {
      if (stub >= 0) this.#vacate(key, stub, undefined)
      const path = pathOf(key, depth)
      const before = this.#found(path)
      const record = newRecord(this.#number, before, 1 + locator.length)
      record[record.length - locator.length - 1] = LEAF
      record.set(locator, record.length - locator.length)
      this.#emit(path, record, before, 0)
    }
    return referenceOf(encodeLeaf(key, depth, this.#source.encode(value!)))
  }

  /** Whether a change leaves a leaf. */
  #keeps({ key, value, stub }: TrieLeaf<Value>): boolean {
    if (value === undefined && stub >= 0) this.#vacate(key, stub, undefined)
    return value !== undefined
  }

  /** An only child, which takes its parent's place: an extension's nibbles become part of those above. */
  #risen(key: Uint8Array, depth: number, node: TrieNode, reference: Reference): Subtree {
    const payload = payloadOf(node.record)
    if (payload[0] === BRANCH) return { key, depth, reference, node }
    this.#vacate(key, depth, node.record)
    const { nibbles, child } = decodeExtension(payload.subarray(1))
    const target = joinedKey(key, depth, nibbles)
    return { key: target, depth: depth + nibbles.length, reference: child, node: node.children?.[0] }
  }

  #child(branch: TrieNode, index: number, { key }: TrieLeaf<Value>, depth: number): TrieNode {
    branch.children ??= new Array(16).fill(undefined)
    let child = branch.children[index]
    if (child === undefined) {
      child = this.load(key, depth)
      branch.children[index] = child
    }
    return child
  }

  #loadLeaf(at: Uint8Array, depth: number): TrieLeaf<Value> {
    const path = pathOf(at, depth)
    const record = this.#source.record(path)
    const payload = record && payloadOf(record)
    if (payload === undefined || payload.length === 0 || payload[0] !== LEAF) throw damaged(`no leaf at path [${path}]`)
    const locator = payload.subarray(1)
    const { key, value } = this.#source.leaf(locator)
    return { key, value, existed: true, locator, stub: depth }
  }

  #children(depth: number): (Floating<Value> | undefined)[] {
    while (this.#room.length <= depth) this.#room.push(new Array(16))
    return this.#room[depth]!.fill(undefined)
  }

  /** A node goes from its path; always said before another comes there. `record`: of branches and extensions. */
  #vacate(key: Uint8Array, depth: number, record: Uint8Array | undefined): void {
    if (record !== undefined) this.#grown--
    const path = pathOf(key, depth)
    this.#vacated.set(nodeName(path), { path, record })
  }

  /** The record at a path to which a node comes. */
  #found(path: Uint8Array): Uint8Array | undefined {
    if (this.#vacated.size === 0) return this.#source.record(path)
    const name = nodeName(path)
    const record = this.#vacated.get(name)?.record
    this.#vacated.delete(name)
    return record ?? this.#source.record(path)
  }
}

/** Where the leaves with the same nibble as `leaves[start]` at `depth` end. */
function groupEnd(leaves: { key: Uint8Array }[], start: number, to: number, depth: number): number {
  const nibble = nibbleAt(leaves[start]!.key, depth)
  let end = start + 1
  while (end < to && nibbleAt(leaves[end]!.key, depth) === nibble) end++
  return end
}

/** The depth, from `depth` on, at which two keys part. */
function commonDepth(a: Uint8Array, b: Uint8Array, depth: number): number {
  const end = 2 * Math.min(a.length, b.length)
  let common = depth
  while (common < end && nibbleAt(a, common) === nibbleAt(b, common)) common++
  return common
}

function bitCount(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
