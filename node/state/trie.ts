/**
 * A lazy Merkle–Patricia trie (yellow paper, appendix D). Nodes lie in the database under their path, not
 * under their hash; a node is read when a key first leads through it. An edit copies what it changes and
 * leaves the nodes it began from as they were, so a block that is given up costs nothing; changed nodes are
 * hashed once, when the edit is sealed.
 *
 * Invariant of the database: it holds a node at a path exactly where the trie has a node whose RLP is 32
 * bytes or longer, or the root.
 */
import { RLP } from '@ethereumjs/rlp'
import type { Hex } from 'viem'
import { payloadOf } from './record.ts'
import {
  type Branch,
  branchChild,
  type Child,
  decodeNode,
  decodeRecord,
  EMPTY_ROOT,
  type Extension,
  encodeNode,
  hasBranchChild,
  hashReference,
  isHashReference,
  type Leaf,
  nibblesOf,
  type Reference,
  setBranchChild,
  type TrieNode,
} from './trie-node.ts'

/** The record of the node at a path (nibbles, one a byte), or undefined where there is none. */
export type NodeSource = (path: Uint8Array) => Uint8Array | undefined

/** A node's record before and after an edit; undefined: none. */
export type NodeChange = { path: Uint8Array; before: Uint8Array | undefined; after: Uint8Array | undefined }

export type SealedTrie = { root: Child | undefined; rootHash: Hex; changes: NodeChange[] }

let edits = 0

/** One set of changes on a trie. Keys must be free of prefixes of one another; values must not be empty. */
export class TrieEdit {
  readonly #source: NodeSource
  readonly #id: number
  #root: Child | undefined
  /** Records of nodes that this edit replaced or removed, by path. */
  readonly #replaced = new Map<string, Uint8Array>()
  /** Nodes read from the database; they hang on the old root, too. */
  loaded = 0
  /** Nodes made less nodes dropped: how much larger the new trie is in memory. */
  grown = 0

  constructor(source: NodeSource, root: Child | undefined) {
    this.#source = source
    this.#root = root
    this.#id = ++edits
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#root = this.#put(this.#loadRoot(), nibblesOf(key), 0, value)
  }

  del(key: Uint8Array): void {
    this.#root = this.#del(this.#loadRoot(), nibblesOf(key), 0)
  }

  /** Hashes what changed. `number` is written into the records. The edit takes no more changes afterwards. */
  seal(number: number): SealedTrie {
    const changes: NodeChange[] = []
    const root = this.#root
    const rootHash = this.#sealRoot(root, number, changes)
    for (const change of changes) {
      const name = nameOf(change.path, change.path.length)
      change.before = this.#replaced.get(name)
      this.#replaced.delete(name)
    }
    for (const [name, before] of this.#replaced) changes.push({ path: pathOf(name), before, after: undefined })
    return { root, rootHash, changes }
  }

  #loadRoot(): TrieNode | undefined {
    if (!(this.#root instanceof Uint8Array)) return this.#root
    this.#root = this.#load(this.#root, new Uint8Array(0), 0)
    return this.#root
  }

  /** The node behind a child at `key[0..depth)`. */
  #load(child: Child, key: Uint8Array, depth: number): TrieNode {
    if (!(child instanceof Uint8Array)) return child
    const record = this.#source(key.subarray(0, depth))
    if (record === undefined) throw new Error(`damaged database: no trie node at path [${key.subarray(0, depth)}]`)
    this.loaded++
    return decodeRecord(record, child)
  }

  #loadBranchChild(branch: Branch, index: number, key: Uint8Array, depth: number): TrieNode | undefined {
    const child = branchChild(branch, index)
    if (child === undefined) return undefined
    const node = this.#load(child, key, depth)
    setBranchChild(branch, index, node)
    return node
  }

  #loadExtensionChild(extension: Extension, key: Uint8Array, depth: number): TrieNode {
    extension.child = this.#load(extension.child, key, depth)
    return extension.child
  }

  /** Notes that the node no longer stands at `key[0..depth)` in the form that the database has. */
  #detach(node: TrieNode, key: Uint8Array, depth: number): void {
    this.grown--
    if (node.stored !== undefined) this.#replaced.set(nameOf(key, depth), node.stored)
  }

  #leaf(path: Uint8Array, value: Uint8Array): Leaf {
    this.grown++
    return { kind: 'leaf', path, value, reference: undefined, stored: undefined, edit: this.#id }
  }

  #extension(path: Uint8Array, child: Child): Extension {
    this.grown++
    return { kind: 'extension', path, child, reference: undefined, stored: undefined, edit: this.#id }
  }

  /** The node itself where this edit made it, else a copy, marked as changed. */
  #editable<Node extends TrieNode>(node: Node, key: Uint8Array, depth: number): Node {
    if (node.edit === this.#id) return node
    this.#detach(node, key, depth)
    this.grown++
    const copy: Node = { ...node, reference: undefined, stored: undefined, edit: this.#id }
    if (copy.kind === 'branch') copy.children = copy.children.slice()
    return copy
  }

  #put(node: TrieNode | undefined, key: Uint8Array, depth: number, value: Uint8Array): TrieNode {
    if (node === undefined) return this.#leaf(key.subarray(depth), value)
    if (node.kind === 'branch') {
      const index = key[depth]!
      const before = this.#loadBranchChild(node, index, key, depth + 1)
      const after = this.#put(before, key, depth + 1, value)
      if (after === before && after.reference !== undefined) return node
      const branch = this.#editable(node, key, depth)
      setBranchChild(branch, index, after)
      return branch
    }
    const common = commonPrefix(node.path, key, depth)
    if (common < node.path.length) return this.#split(node, common, key, depth, value)
    if (node.kind === 'leaf') {
      if (equal(node.value, value)) return node
      const leaf = this.#editable(node, key, depth)
      leaf.value = value
      return leaf
    }
    const before = this.#loadExtensionChild(node, key, depth + common)
    const after = this.#put(before, key, depth + common, value)
    if (after === before && after.reference !== undefined) return node
    const extension = this.#editable(node, key, depth)
    extension.child = after
    return extension
  }

  /** Puts a branch where the paths of a leaf or an extension and of a new key part. */
  #split(node: Leaf | Extension, common: number, key: Uint8Array, depth: number, value: Uint8Array): TrieNode {
    this.#detach(node, key, depth)
    const children = new Array<Child | undefined>(16).fill(undefined)
    const rest = node.path.subarray(common + 1)
    if (node.kind === 'leaf') children[node.path[common]!] = this.#leaf(rest, node.value)
    else children[node.path[common]!] = rest.length === 0 ? node.child : this.#extension(rest, node.child)
    children[key[depth + common]!] = this.#leaf(key.subarray(depth + common + 1), value)
    this.grown++
    const made = { reference: undefined, stored: undefined, edit: this.#id }
    const branch: Branch = { kind: 'branch', children, encoding: undefined, unread: 0, ...made }
    return common === 0 ? branch : this.#extension(key.subarray(depth, depth + common), branch)
  }

  #del(node: TrieNode | undefined, key: Uint8Array, depth: number): TrieNode | undefined {
    if (node === undefined) return undefined
    if (node.kind === 'branch') return this.#delInBranch(node, key, depth)
    if (commonPrefix(node.path, key, depth) < node.path.length) return node
    if (node.kind === 'leaf') {
      this.#detach(node, key, depth)
      return undefined
    }
    const childDepth = depth + node.path.length
    const before = this.#loadExtensionChild(node, key, childDepth)
    const after = this.#del(before, key, childDepth)
    if (after === undefined) throw new Error('a branch below an extension has lost all its children at once')
    if (after === before && after.reference !== undefined) return node
    if (after.kind !== 'branch') {
      this.#detach(node, key, depth)
      return this.#lengthened(node.path, after)
    }
    const extension = this.#editable(node, key, depth)
    extension.child = after
    return extension
  }

  #delInBranch(node: Branch, key: Uint8Array, depth: number): TrieNode {
    const index = key[depth]!
    const before = this.#loadBranchChild(node, index, key, depth + 1)
    const after = this.#del(before, key, depth + 1)
    if (after === before && after?.reference !== undefined) return node
    if (before === undefined) return node
    const branch = this.#editable(node, key, depth)
    setBranchChild(branch, index, after)
    if (after !== undefined) return branch
    const left = onlyChild(branch)
    if (left === undefined) return branch
    const path = key.slice(0, depth + 1)
    path[depth] = left
    const only = this.#loadBranchChild(branch, left, path, depth + 1)!
    if (only.kind === 'branch') return this.#extension(Uint8Array.of(left), only)
    this.#detach(only, path, depth + 1)
    return this.#lengthened(Uint8Array.of(left), only)
  }

  /** A leaf or extension that has moved up by `path`. */
  #lengthened(path: Uint8Array, node: Leaf | Extension): TrieNode {
    const whole = new Uint8Array(path.length + node.path.length)
    whole.set(path)
    whole.set(node.path, path.length)
    return node.kind === 'leaf' ? this.#leaf(whole, node.value) : this.#extension(whole, node.child)
  }

  #sealRoot(root: Child | undefined, number: number, changes: NodeChange[]): Hex {
    if (root === undefined) return EMPTY_ROOT
    const reference = root instanceof Uint8Array ? root : this.#seal(root, [], number, changes)
    return hexOf(reference.subarray(1))
  }

  #seal(node: TrieNode, path: number[], number: number, changes: NodeChange[]): Reference {
    if (node.reference !== undefined) return node.reference
    const depth = path.length
    if (node.kind === 'branch') {
      for (let i = 0; i < 16; i++) {
        const child = node.children[i]
        if (child === undefined || child instanceof Uint8Array || child.reference !== undefined) continue
        path.push(i)
        this.#seal(child, path, number, changes)
        path.length = depth
      }
    } else if (node.kind === 'extension' && !(node.child instanceof Uint8Array)) {
      for (const nibble of node.path) path.push(nibble)
      this.#seal(node.child, path, number, changes)
      path.length = depth
    }
    const record = encodeNode(node, number)
    const encoding = payloadOf(record)
    if (encoding.length < 32 && depth > 0) {
      node.reference = encoding
      if (node.kind === 'branch') node.encoding = encoding
    } else {
      node.reference = hashReference(encoding)
      node.stored = record
      if (node.kind === 'branch') node.encoding = encoding
      changes.push({ path: Uint8Array.from(path), before: undefined, after: record })
    }
    return node.reference
  }
}

/** Index of the only child left, or undefined where there are several. */
function onlyChild(branch: Branch): number | undefined {
  let only: number | undefined
  for (let i = 0; i < 16; i++) {
    if (!hasBranchChild(branch, i)) continue
    if (only !== undefined) return undefined
    only = i
  }
  return only
}

function commonPrefix(path: Uint8Array, key: Uint8Array, depth: number): number {
  const length = Math.min(path.length, key.length - depth)
  let common = 0
  while (common < length && path[common] === key[depth + common]) common++
  return common
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

function nameOf(path: Uint8Array, length: number): string {
  return Buffer.from(path.buffer, path.byteOffset, length).toString('latin1')
}

function pathOf(name: string): Uint8Array {
  return Uint8Array.from(Buffer.from(name, 'latin1'))
}

function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

/**
 * Lets go of what hangs deeper than `depth` nibbles below a root whose nodes are all hashed; it is read again when a
 * key leads there. Returns how many nodes stay.
 */
export function pruneTrie(root: Child | undefined, depth: number): number {
  if (root === undefined || root instanceof Uint8Array) return 0
  let kept = 1
  if (root.kind === 'extension') {
    if (depth <= root.path.length) root.child = storedReference(root.child)
    return kept + pruneTrie(root.child, depth - root.path.length)
  }
  if (root.kind === 'branch') {
    for (let i = 0; i < 16; i++) {
      const child = root.children[i]
      if (child === undefined || child instanceof Uint8Array) continue
      if (depth <= 1) root.children[i] = storedReference(child)
      kept += pruneTrie(root.children[i], depth - 1)
    }
  }
  return kept
}

/** The reference of a node that lies in the database by itself; embedded nodes stay. */
function storedReference(child: Child): Child {
  if (child instanceof Uint8Array || child.reference === undefined || !isHashReference(child.reference)) return child
  return child.reference
}

/** Merkle proof of a key, present or absent: encodings from the root down (EIP-1186). Empty for an empty trie. */
export function trieProof(source: NodeSource, key: Uint8Array): Uint8Array[] {
  const nibbles = nibblesOf(key)
  const proof: Uint8Array[] = []
  let depth = 0
  for (;;) {
    const record = source(nibbles.subarray(0, depth))
    if (record === undefined) {
      if (depth === 0) return []
      throw new Error(`damaged database: no trie node at path [${nibbles.subarray(0, depth)}]`)
    }
    const encoding = payloadOf(record)
    proof.push(encoding)
    const next = descend(decodeNode(encoding, encoding), nibbles, depth)
    if (next === undefined) return proof
    depth = next
  }
}

/** Follows a key from a node through embedded ones: the depth of the next stored node, or undefined at the end. */
function descend(from: TrieNode, nibbles: Uint8Array, start: number): number | undefined {
  let node: Child | undefined = from
  let depth = start
  while (node !== undefined) {
    if (node instanceof Uint8Array) return isHashReference(node) ? depth : undefined
    if (node.kind === 'leaf') return undefined
    if (node.kind === 'branch') {
      node = branchChild(node, nibbles[depth]!)
      depth += 1
    } else {
      if (commonPrefix(node.path, nibbles, depth) < node.path.length) return undefined
      depth += node.path.length
      node = node.child
    }
  }
  return undefined
}

/** Everything of a stored trie, for wiping it: paths with their records, and the keys of all leaves. */
export function walkTrie(source: NodeSource): {
  nodes: { path: Uint8Array; record: Uint8Array }[]
  keys: Uint8Array[]
} {
  const nodes: { path: Uint8Array; record: Uint8Array }[] = []
  const keys: Uint8Array[] = []
  const visit = (child: Child, path: number[]): void => {
    let node = child
    if (node instanceof Uint8Array) {
      const at = Uint8Array.from(path)
      const record = source(at)
      if (record === undefined) throw new Error(`damaged database: no trie node at path [${path}]`)
      nodes.push({ path: at, record })
      node = decodeRecord(record, node)
    }
    if (node.kind === 'leaf') keys.push(bytesOf([...path, ...node.path]))
    else if (node.kind === 'extension') visit(node.child, [...path, ...node.path])
    else visitBranch(node, path)
  }
  const visitBranch = (branch: Branch, path: number[]): void => {
    for (let i = 0; i < 16; i++) {
      const child = branchChild(branch, i)
      if (child !== undefined) visit(child, [...path, i])
    }
  }
  if (source(new Uint8Array(0)) !== undefined) visit(new Uint8Array(33), [])
  return { nodes, keys }
}

function bytesOf(nibbles: number[]): Uint8Array {
  return Uint8Array.from({ length: nibbles.length / 2 }, (_, i) => (nibbles[2 * i]! << 4) | nibbles[2 * i + 1]!)
}

/** Root of the trie of a list: key RLP(index), value as given. For a block's transactions and receipts. */
export function orderedTrieRoot(values: Uint8Array[]): Hex {
  const edit = new TrieEdit(() => undefined, undefined)
  for (const [index, value] of values.entries()) edit.put(RLP.encode(index), value)
  return edit.seal(0).rootHash
}
