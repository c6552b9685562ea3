/**
 * Nodes of the Merkle–Patricia trie and their RLP (Ethereum yellow paper, appendix D):
 *
 *   leaf       [hex-prefix(path, true),  value]
 *   extension  [hex-prefix(path, false), child]
 *   branch     [child 0, …, child 15, value]
 *
 * A child stands in its parent as its own RLP where that is shorter than 32 bytes, else as its keccak. Keys here are free
 * of prefixes (hashes, or RLP of indices), so the value of a branch is always empty.
 *
 * In the database a node lies under its path; the payload of its record is
 *
 *   leaf       0 ‖ locator              what names the value in its own table; written once, not with every new value
 *   extension  1 ‖ RLP
 *   branch     2 ‖ leaves u16 ‖ RLP     bit i of `leaves`: child i is a leaf
 */
import { keccak256 } from '../../protocol/keccak.ts'

/** What stands for a node inside its parent: keccak (32 bytes), or the node's RLP of less than 32 bytes. */
export type Reference = Uint8Array

/** Root of an empty trie: keccak(0x80). */
export const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

export const LEAF = 0
export const EXTENSION = 1
export const BRANCH = 2
/** Where the RLP of a branch begins in its payload. */
export const BRANCH_HEAD = 3

const EMPTY_ITEM = 0x80
const HASH_ITEM = 0xa0

/** The nibble of a key at a depth. */
export function nibbleAt(key: Uint8Array, depth: number): number {
  return depth & 1 ? key[depth >> 1]! & 15 : key[depth >> 1]! >> 4
}

/** The first nibbles of a key, one a byte. */
export function pathOf(key: Uint8Array, depth: number): Buffer {
  const path = Buffer.allocUnsafe(depth)
  for (let i = 0; i < depth; i++) path[i] = nibbleAt(key, i)
  return path
}

/** A key that begins with `depth` nibbles of another and goes on with these. */
export function joinedKey(key: Uint8Array, depth: number, nibbles: Uint8Array): Uint8Array {
  const joined = new Uint8Array((depth + nibbles.length + 1) >> 1)
  for (let i = 0; i < depth + nibbles.length; i++) {
    const nibble = i < depth ? nibbleAt(key, i) : nibbles[i - depth]!
    joined[i >> 1]! |= i & 1 ? nibble : nibble << 4
  }
  return joined
}

/** keccak of the RLP where that is 32 bytes or longer, else a copy of it. */
export function referenceOf(rlp: Uint8Array): Reference {
  return rlp.length < 32 ? Uint8Array.prototype.slice.call(rlp) : keccak256(rlp)
}

let scratch = Buffer.alloc(4096)

/** RLP of a leaf whose path is the key's nibbles from `depth` on. The bytes are overwritten by the next call. */
export function encodeLeaf(key: Uint8Array, depth: number, value: Uint8Array): Uint8Array {
  if (scratch.length < value.length + 64) scratch = Buffer.alloc(2 * value.length + 64)
  const nibbles = 2 * key.length - depth
  const body = pathLength(nibbles) + stringLength(value)
  let at = writeHead(scratch, 0, 0xc0, body)
  const bytes = (nibbles >> 1) + 1
  if (bytes > 1) at = writeHead(scratch, at, 0x80, bytes)
  scratch[at++] = nibbles & 1 ? 0x30 | nibbleAt(key, depth) : 0x20
  for (let i = (depth + 1) >> 1; i < key.length; i++) scratch[at++] = key[i]!
  at = writeString(scratch, at, value)
  return scratch.subarray(0, at)
}

/** RLP of an extension over the nibbles of a key from `from` to `to`. */
export function encodeExtension(key: Uint8Array, from: number, to: number, child: Reference): Buffer {
  const body = pathLength(to - from) + itemLength(child)
  const rlp = Buffer.allocUnsafe(headLength(body) + body)
  let at = writeHead(rlp, 0, 0xc0, body)
  const bytes = ((to - from) >> 1) + 1
  if (bytes > 1) at = writeHead(rlp, at, 0x80, bytes)
  const odd = (to - from) & 1
  rlp[at++] = odd ? 0x10 | nibbleAt(key, from) : 0
  for (let i = from + odd; i < to; i += 2) rlp[at++] = (nibbleAt(key, i) << 4) | nibbleAt(key, i + 1)
  writeItem(rlp, at, child)
  return rlp
}

/** An extension's nibbles and its child. */
export function decodeExtension(rlp: Uint8Array): { nibbles: Uint8Array; child: Reference } {
  const first = contentStart(rlp, 0)
  const second = itemEnd(rlp, first)
  const path = rlp.subarray(first + (rlp[first]! < 0x80 ? 0 : 1), second)
  if (itemEnd(rlp, second) !== rlp.length || path.length === 0 || path[0]! & 0x20) throw damaged('no extension node')
  const nibbles = pathOf(path, 2 * path.length)
  return { nibbles: nibbles.subarray(path[0]! & 0x10 ? 1 : 2), child: itemReference(rlp, second) }
}

/** Children that a branch is to get in place of those that it has: bit i of `mask` says that child i is replaced. */
export type Replacement = { mask: number; children: (Reference | undefined)[] }

/** Length of the items of a branch; `old` is the RLP of the branch as it was, undefined for a new one. */
export function branchBody(old: Uint8Array | undefined, { mask, children }: Replacement): number {
  let body = 1
  let from = old === undefined ? 0 : contentStart(old, 0)
  for (let i = 0; i < 16; i++) {
    const end = old === undefined ? 1 : itemEnd(old, from)
    const child = mask & (1 << i) ? children[i] : undefined
    if (child !== undefined) body += itemLength(child)
    else body += mask & (1 << i) ? 1 : end - from
    from = old === undefined ? 0 : end
  }
  return body
}

/** Length of an RLP list with so many bytes of items. */
export function listLength(body: number): number {
  return headLength(body) + body
}

/** Writes the RLP of a branch with a body of {@link branchBody} bytes. */
export function writeBranch(
  target: Buffer,
  start: number,
  body: number,
  old: Uint8Array | undefined,
  { mask, children }: Replacement,
): void {
  let at = writeHead(target, start, 0xc0, body)
  if (old === undefined) {
    for (let i = 0; i < 16; i++) at = writeChild(target, at, children[i])
    target[at] = EMPTY_ITEM
    return
  }
  // Children that stay are copied together from one that changes to the next.
  let kept = contentStart(old, 0)
  let from = kept
  for (let i = 0; i < 16; i++) {
    const end = itemEnd(old, from)
    if (mask & (1 << i)) {
      at = copyBytes(target, at, old, kept, from)
      at = writeChild(target, at, children[i])
      kept = end
    }
    from = end
  }
  at = copyBytes(target, at, old, kept, from)
  target[at] = EMPTY_ITEM
}

function writeChild(target: Buffer, at: number, child: Reference | undefined): number {
  if (child !== undefined) return writeItem(target, at, child)
  target[at] = EMPTY_ITEM
  return at + 1
}

/** Returns where the copy ends. */
function copyBytes(target: Uint8Array, at: number, source: Uint8Array, from: number, to: number): number {
  if (to - from > 64) target.set(source.subarray(from, to), at)
  else for (let i = from; i < to; i++) target[at + i - from] = source[i]!
  return at + to - from
}

/** Bit i: child i is there. */
export function presentChildren(branch: Uint8Array): number {
  let mask = 0
  let at = contentStart(branch, 0)
  for (let i = 0; i < 16; i++) {
    if (branch[at] !== EMPTY_ITEM) mask |= 1 << i
    at = itemEnd(branch, at)
  }
  if (at !== branch.length - 1) throw damaged('no trie branch')
  return mask
}

/** A child of a branch, or undefined where it has none there. */
export function branchChild(branch: Uint8Array, index: number): Reference | undefined {
  const at = childStart(branch, index)
  return branch[at] === EMPTY_ITEM ? undefined : itemReference(branch, at)
}

/** Copies those items of a branch that the mask names, as they stand (0x80: no child); returns where the copies end. */
export function writeBranchItems(target: Uint8Array, start: number, branch: Uint8Array, mask: number): number {
  let to = start
  for (let i = 0, at = contentStart(branch, 0); i < 16; i++) {
    const end = itemEnd(branch, at)
    if (mask & (1 << i)) to = copyBytes(target, to, branch, at, end)
    at = end
  }
  return to
}

function childStart(branch: Uint8Array, index: number): number {
  let at = contentStart(branch, 0)
  for (let i = 0; i < index; i++) at = itemEnd(branch, at)
  return at
}

/** The reference that an item of a branch holds; undefined for no child. */
export function referenceOfItem(item: Uint8Array): Reference | undefined {
  return item[0] === EMPTY_ITEM ? undefined : itemReference(item, 0)
}

/** Where the RLP item that begins at `from` ends. */
export function itemEnd(bytes: Uint8Array, from: number): number {
  const first = bytes[from]!
  if (first < 0x80) return from + 1
  const short = first - (first >= 0xc0 ? 0xc0 : 0x80)
  return short <= 55 ? from + 1 + short : contentStart(bytes, from) + longLength(bytes, from, short - 55)
}

function longLength(bytes: Uint8Array, from: number, count: number): number {
  let length = 0
  for (let i = 1; i <= count; i++) length = length * 256 + bytes[from + i]!
  return length
}

/** Where the content of the string or list that begins at `from` begins. */
function contentStart(bytes: Uint8Array, from: number): number {
  const first = bytes[from]!
  if (first < 0x80) return from
  const short = first - (first >= 0xc0 ? 0xc0 : 0x80)
  return short <= 55 ? from + 1 : from + 1 + short - 55
}

function itemReference(bytes: Uint8Array, at: number): Reference {
  const start = bytes[at] === HASH_ITEM ? at + 1 : at
  return bytes.subarray(start, itemEnd(bytes, at))
}

function itemLength(reference: Reference): number {
  return reference.length === 32 ? 33 : reference.length
}

function writeItem(target: Buffer, at: number, reference: Reference): number {
  if (reference.length !== 32) {
    target.set(reference, at)
    return at + reference.length
  }
  target[at] = HASH_ITEM
  target.set(reference, at + 1)
  return at + 33
}

/** Length of the RLP string that holds the hex-prefix encoding of so many nibbles (one byte of it stands for itself). */
function pathLength(nibbles: number): number {
  const length = (nibbles >> 1) + 1
  return length === 1 ? 1 : length + headLength(length)
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
  if (length <= 55) {
    target[at] = offset + length
    return at + 1
  }
  const bytes = headLength(length) - 1
  target[at] = offset + 55 + bytes
  return target.writeUIntBE(length, at + 1, bytes)
}

function writeString(target: Buffer, at: number, bytes: Uint8Array): number {
  if (bytes.length === 1 && bytes[0]! < 0x80) {
    target[at] = bytes[0]!
    return at + 1
  }
  const start = writeHead(target, at, 0x80, bytes.length)
  target.set(bytes, start)
  return start + bytes.length
}

export function damaged(what: string): Error {
  return new Error(`damaged database: ${what}`)
}
