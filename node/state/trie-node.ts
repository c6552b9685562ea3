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
export type Branch = Shared & { kind: 'branch'; children: (Child | undefined)[] }
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

function encodeBranch(node: Branch, changedAt: number): Buffer {
  let body = 1
  for (let i = 0; i < 16; i++) {
    const child = node.children[i]
    body += child === undefined ? 1 : referenceOf(child).length
  }
  const record = newRecord(changedAt, headLength(body) + body)
  let at = writeHead(record, record.length - headLength(body) - body, 0xc0, body)
  for (let i = 0; i < 16; i++) {
    const child = node.children[i]
    if (child === undefined) {
      record[at++] = EMPTY_ITEM
    } else {
      const reference = referenceOf(child)
      record.set(reference, at)
      at += reference.length
    }
  }
  record[at] = EMPTY_ITEM
  return record
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

/** Reads a node's RLP; embedded children are decoded with it. Throws where the bytes are no node. */
export function decodeNode(encoding: Uint8Array, reference: Reference): TrieNode {
  const list = itemAt(encoding, 0)
  const items: Item[] = []
  for (let at = list.start; at < list.end; at = items.at(-1)!.end) items.push(itemAt(encoding, at))
  if (items.length === 17) {
    const children = new Array<Child | undefined>(16).fill(undefined)
    for (let i = 0; i < 16; i++) children[i] = childAt(encoding, items[i]!)
    return { kind: 'branch', children, reference, stored: undefined, edit: 0 }
  }
  const [first, second] = items
  if (items.length !== 2 || first === undefined || second === undefined)
    throw new Error('damaged database: bytes are no trie node')
  const { path, leaf } = readHexPrefix(encoding.subarray(first.start, first.end))
  if (leaf) {
    const value = encoding.subarray(second.start, second.end)
    return { kind: 'leaf', path, value, reference, stored: undefined, edit: 0 }
  }
  const child = childAt(encoding, second)
  if (child === undefined) throw new Error('damaged database: an extension node without a child')
  return { kind: 'extension', path, child, reference, stored: undefined, edit: 0 }
}

/** Bounds of an RLP item: the head starts at `from`, the content lies in [start, end). */
type Item = { from: number; start: number; end: number; isList: boolean }

function itemAt(bytes: Uint8Array, from: number): Item {
  const first = bytes[from]!
  if (first < 0x80) return { from, start: from, end: from + 1, isList: false }
  const isList = first >= 0xc0
  const short = first - (isList ? 0xc0 : 0x80)
  if (short <= 55) return { from, start: from + 1, end: from + 1 + short, isList }
  const lengthBytes = short - 55
  let length = 0
  for (let i = 1; i <= lengthBytes; i++) length = length * 256 + bytes[from + i]!
  const start = from + 1 + lengthBytes
  return { from, start, end: start + length, isList }
}

function childAt(encoding: Uint8Array, item: Item): Child | undefined {
  if (item.end === item.start) return undefined
  const reference = encoding.subarray(item.from, item.end)
  return item.isList ? decodeNode(reference, reference) : reference
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
