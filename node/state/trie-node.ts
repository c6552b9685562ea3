/**
 * Nodes of the Merkle–Patricia trie and their RLP (Ethereum yellow paper, appendix D):
 *
 *   leaf       [hex-prefix(path, true),  value]
 *   extension  [hex-prefix(path, false), child]
 *   branch     [child 0, …, child 15, value]
 *
 * A child stands in its parent as its own RLP where that is shorter than 32 bytes, else as its keccak.
 * Keys here are free of prefixes (hashes, or RLP of indices), so the value of a branch is always empty.
 */
import { keccak256 } from '../../protocol/keccak.ts'
import { newRecord, payloadOf } from './record.ts'

/** What stands for a node inside its parent: 0xa0 ‖ keccak, or the node's RLP of less than 32 bytes. */
export type Reference = Uint8Array

/** A node in memory, or the reference to one that lies in the database at its own path. */
export type Child = TrieNode | Reference

/** An RLP of a branch whose children are read from it when they are wanted. */
type BranchEncoding = Uint8Array

type Shared = {
  /** Undefined while the node is changed and not yet hashed. */
  reference: Reference | undefined
  /** The record of this node in the database; undefined where it has none (embedded, or new). */
  stored: Uint8Array | undefined
  /** The edit that made this node and may change it in place. */
  edit: number
}
export type Leaf = Shared & { kind: 'leaf'; path: Uint8Array; value: Uint8Array }
export type Extension = Shared & { kind: 'extension'; path: Uint8Array; child: Child }
/**
 * Children that nobody has asked for stay in `encoding`; bit i of `unread` says that child i does. The others are
 * in `children`.
 */
export type Branch = Shared & {
  kind: 'branch'
  children: (TrieNode | Reference | undefined)[]
  encoding: BranchEncoding | undefined
  unread: number
}
export type TrieNode = Leaf | Extension | Branch

/** Root of an empty trie: keccak(0x80). */
export const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

const EMPTY_ITEM = 0x80

/** Nibbles of a key, one a byte. */
export function nibblesOf(key: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(key.length * 2)
  for (let i = 0; i < key.length; i++) {
    nibbles[2 * i] = key[i]! >> 4
    nibbles[2 * i + 1] = key[i]! & 15
  }
  return nibbles
}

/** The record of a node whose children are all hashed: `changedAt ‖ RLP`. */
export function encodeNode(node: TrieNode, changedAt: number): Buffer {
  if (node.kind === 'branch') return encodeBranch(node, changedAt)
  const path = hexPrefix(node.path, node.kind === 'leaf')
  const second = node.kind === 'leaf' ? node.value : referenceOf(node.child)
  const secondLength = node.kind === 'leaf' ? stringLength(second) : second.length
  const body = stringLength(path) + secondLength
  const record = newRecord(changedAt, headLength(body) + body)
  let at = writeHead(record, record.length - headLength(body) - body, 0xc0, body)
  at = writeString(record, at, path)
  if (node.kind === 'leaf') writeString(record, at, second)
  else record.set(second, at)
  return record
}

/** Room for the body of the largest branch: 16 hashes and an empty value. */
const body = Buffer.alloc(16 * 33 + 1)

function encodeBranch(node: Branch, changedAt: number): Buffer {
  const { encoding, unread } = node
  let at = 0
  let from = encoding === undefined ? 0 : contentStart(encoding)
  for (let i = 0; i < 16; i++) {
    const end = encoding === undefined ? 0 : itemEnd(encoding, from)
    const child = node.children[i]
    if (encoding !== undefined && unread & (1 << i)) {
      for (let byte = from; byte < end; byte++) body[at++] = encoding[byte]!
    } else if (child === undefined) {
      body[at++] = EMPTY_ITEM
    } else {
      const reference = referenceOf(child)
      body.set(reference, at)
      at += reference.length
    }
    from = end
  }
  body[at++] = EMPTY_ITEM
  const record = newRecord(changedAt, headLength(at) + at)
  const start = writeHead(record, record.length - headLength(at) - at, 0xc0, at)
  body.copy(record, start, 0, at)
  return record
}

/** A child of a branch, decoded no further than its reference (embedded ones whole). */
export function branchChild(branch: Branch, index: number): Child | undefined {
  const { encoding, unread } = branch
  if (encoding === undefined || !(unread & (1 << index))) return branch.children[index]
  let from = contentStart(encoding)
  for (let i = 0; i < index; i++) from = itemEnd(encoding, from)
  return childAt(encoding, from)
}

/** Puts a child in its place in memory. */
export function setBranchChild(branch: Branch, index: number, child: Child | undefined): void {
  branch.children[index] = child
  branch.unread &= ~(1 << index)
}

/** Whether the branch has a child at this index, in memory or not. */
export function hasBranchChild(branch: Branch, index: number): boolean {
  return (branch.unread & (1 << index)) !== 0 || branch.children[index] !== undefined
}

export function referenceOf(child: Child): Reference {
  if (child instanceof Uint8Array) return child
  if (child.reference === undefined) throw new Error('a trie node is encoded before its child is hashed')
  return child.reference
}

/** 0xa0 ‖ keccak(encoding). */
export function hashReference(encoding: Uint8Array): Reference {
  const reference = new Uint8Array(33)
  reference[0] = 0xa0
  reference.set(keccak256(encoding), 1)
  return reference
}

/** Whether a reference names a node that lies in the database by itself. */
export function isHashReference(reference: Reference): boolean {
  return reference.length === 33
}

/** Reads a record back. `reference` is what the parent holds for it. */
export function decodeRecord(record: Uint8Array, reference: Reference): TrieNode {
  const node = decodeNode(payloadOf(record), reference)
  node.stored = record
  return node
}

/** Reads a node's RLP. Throws where the bytes are no node. */
export function decodeNode(encoding: Uint8Array, reference: Reference): TrieNode {
  const first = contentStart(encoding)
  const second = itemEnd(encoding, first)
  const third = itemEnd(encoding, second)
  if (third < encoding.length) return decodeBranch(encoding, reference)
  if (third !== encoding.length) throw new Error('damaged database: bytes are no trie node')
  const { path, leaf } = readHexPrefix(encoding.subarray(stringStart(encoding, first), second))
  if (leaf) {
    const value = encoding.subarray(stringStart(encoding, second), third)
    return { kind: 'leaf', path, value, reference, stored: undefined, edit: 0 }
  }
  const child = childAt(encoding, second)
  if (child === undefined) throw new Error('damaged database: an extension node without a child')
  return { kind: 'extension', path, child, reference, stored: undefined, edit: 0 }
}

function decodeBranch(encoding: Uint8Array, reference: Reference): Branch {
  let unread = 0
  let at = contentStart(encoding)
  for (let i = 0; i < 16; i++) {
    if (encoding[at] !== EMPTY_ITEM) unread |= 1 << i
    at = itemEnd(encoding, at)
  }
  if (at !== encoding.length - 1) throw new Error('damaged database: bytes are no trie branch')
  const children = new Array<Child | undefined>(16).fill(undefined)
  return { kind: 'branch', children, encoding, unread, reference, stored: undefined, edit: 0 }
}

/** Where the content of the RLP item that begins at `from` begins. */
function stringStart(bytes: Uint8Array, from: number): number {
  const first = bytes[from]!
  if (first < 0x80) return from
  const short = first - (first >= 0xc0 ? 0xc0 : 0x80)
  return short <= 55 ? from + 1 : from + 1 + short - 55
}

/** Where the first item of a list begins. */
function contentStart(list: Uint8Array): number {
  return stringStart(list, 0)
}

/** Where the RLP item that begins at `from` ends. */
function itemEnd(bytes: Uint8Array, from: number): number {
  const first = bytes[from]!
  if (first < 0x80) return from + 1
  const short = first - (first >= 0xc0 ? 0xc0 : 0x80)
  if (short <= 55) return from + 1 + short
  let length = 0
  for (let i = 1; i <= short - 55; i++) length = length * 256 + bytes[from + i]!
  return from + 1 + short - 55 + length
}

function childAt(encoding: Uint8Array, from: number): Child | undefined {
  if (encoding[from] === EMPTY_ITEM) return undefined
  // A copy: a view would keep the parent's bytes alive after the parent has changed.
  const reference = Uint8Array.prototype.slice.call(encoding, from, itemEnd(encoding, from))
  return reference[0]! >= 0xc0 ? decodeNode(reference, reference) : reference
}

/** Hex-prefix encoding: 2 for a leaf, 1 for an odd number of nibbles, in the first nibble. */
function hexPrefix(path: Uint8Array, leaf: boolean): Uint8Array {
  const odd = path.length & 1
  const bytes = new Uint8Array((path.length >> 1) + 1)
  bytes[0] = (leaf ? 0x20 : 0) | (odd ? 0x10 | path[0]! : 0)
  for (let i = odd, j = 1; i < path.length; i += 2, j++) bytes[j] = (path[i]! << 4) | path[i + 1]!
  return bytes
}

function readHexPrefix(bytes: Uint8Array): { path: Uint8Array; leaf: boolean } {
  const flag = bytes[0]! >> 4
  const nibbles = nibblesOf(bytes)
  return { path: nibbles.subarray(flag & 1 ? 1 : 2), leaf: (flag & 2) !== 0 }
}

function stringLength(bytes: Uint8Array): number {
  if (bytes.length === 1 && bytes[0]! < 0x80) return 1
  return headLength(bytes.length) + bytes.length
}

function headLength(length: number): number {
  if (length <= 55) return 1
  return length < 0x100 ? 2 : length < 0x1_0000 ? 3 : length < 0x100_0000 ? 4 : 5
}

function writeHead(target: Buffer, at: number, offset: 0x80 | 0xc0, length: number): number {
  if (length <= 55) return target.writeUInt8(offset + length, at)
  const bytes = headLength(length) - 1
  target[at] = offset + 55 + bytes
  return target.writeUIntBE(length, at + 1, bytes)
}

function writeString(target: Buffer, at: number, bytes: Uint8Array): number {
  if (bytes.length === 1 && bytes[0]! < 0x80) return target.writeUInt8(bytes[0]!, at)
  const start = writeHead(target, at, 0x80, bytes.length)
  target.set(bytes, start)
  return start + bytes.length
}
