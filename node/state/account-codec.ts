/**
 * An account as bytes, in two forms. In the trie, RLP (yellow paper, 4.1): [nonce, balance, storageRoot, codeHash]. In the
 * flat table, without what most accounts do not have:
 *
 *   form u8 ‖ nonce ‖ storage root (32, if bit 0) ‖ code hash (32, if bit 1) ‖ balance
 *
 * Bits 2 to 5 of the form: bytes of the nonce. Nonce and balance big endian, without leading zeros.
 */
import type { Hex } from 'viem'
import type { Account } from './reader.ts'
import { EMPTY_ROOT } from './trie-node.ts'

/** keccak of no code. */
export const EMPTY_CODE_HASH = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

const EMPTY_ROOT_BYTES = bytes(EMPTY_ROOT)
const EMPTY_CODE_HASH_BYTES = bytes(EMPTY_CODE_HASH)
const HAS_STORAGE = 1
const HAS_CODE = 2

/** Longer than any encoding of an account or a quantity. */
const scratch = Buffer.alloc(160)
const word = new DataView(new ArrayBuffer(8))
const WORD_MAX = 0xffff_ffff_ffff_ffffn

/** The value of the account's leaf in the trie. The bytes are overwritten by the next call. */
export function encodeAccount({ nonce, balance, storageRoot, codeHash }: Account): Uint8Array {
  // A list of more than 55 bytes, as the two hashes alone are 66.
  let at = writeRlpQuantity(scratch, 2, nonce)
  at = writeRlpQuantity(scratch, at, balance)
  at = writeHash(scratch, at, storageRoot === EMPTY_ROOT ? EMPTY_ROOT_BYTES : bytes(storageRoot))
  at = writeHash(scratch, at, codeHash === EMPTY_CODE_HASH ? EMPTY_CODE_HASH_BYTES : bytes(codeHash))
  scratch[0] = 0xf8
  scratch[1] = at - 2
  return scratch.subarray(0, at)
}

/** The value of a slot's leaf in the trie: the RLP of its quantity. The bytes are overwritten by the next call. */
export function encodeSlot(value: bigint): Uint8Array {
  return scratch.subarray(0, writeRlpQuantity(scratch, 0, value))
}

/** The account in the flat table. The bytes are overwritten by the next call. */
export function encodeFlatAccount({ nonce, balance, storageRoot, codeHash }: Account): Uint8Array {
  let at = writeQuantity(scratch, 1, nonce)
  scratch[0] = (at - 1) << 2
  if (storageRoot !== EMPTY_ROOT) {
    scratch[0]! |= HAS_STORAGE
    scratch.set(bytes(storageRoot), at)
    at += 32
  }
  if (codeHash !== EMPTY_CODE_HASH) {
    scratch[0]! |= HAS_CODE
    scratch.set(bytes(codeHash), at)
    at += 32
  }
  return scratch.subarray(0, writeQuantity(scratch, at, balance))
}

export function decodeFlatAccount(encoding: Uint8Array): Account {
  const form = encoding[0]!
  let at = 1 + ((form >> 2) & 15)
  const nonce = readQuantity(encoding, 1, at)
  const hash = (): Hex => {
    at += 32
    return hexOf(encoding.subarray(at - 32, at))
  }
  const storageRoot = form & HAS_STORAGE ? hash() : EMPTY_ROOT
  const codeHash = form & HAS_CODE ? hash() : EMPTY_CODE_HASH
  if (form >> 6 !== 0 || at > encoding.length) throw new Error('damaged database: bytes are no account')
  return { nonce, balance: readQuantity(encoding, at, encoding.length), storageRoot, codeHash }
}

/** Big endian without leading zeros; empty for 0. */
export function quantity(value: bigint): Uint8Array {
  return Uint8Array.prototype.slice.call(scratch, 0, writeQuantity(scratch, 0, value))
}

export function bigintOf(bytes: Uint8Array): bigint {
  return readQuantity(bytes, 0, bytes.length)
}

function writeQuantity(target: Buffer, start: number, value: bigint): number {
  if (value === 0n) return start
  let at = start
  let first = 0
  if (value > WORD_MAX) {
    at = writeQuantity(target, at, value >> 64n)
    word.setBigUint64(0, BigInt.asUintN(64, value))
  } else {
    word.setBigUint64(0, value)
    while (word.getUint8(first) === 0) first++
  }
  for (; first < 8; first++) target[at++] = word.getUint8(first)
  return at
}

function readQuantity(bytes: Uint8Array, start: number, end: number): bigint {
  if (end - start > 8) return (readQuantity(bytes, start, end - 8) << 64n) | readQuantity(bytes, end - 8, end)
  word.setBigUint64(0, 0n)
  for (let at = start; at < end; at++) word.setUint8(8 - end + at, bytes[at]!)
  return word.getBigUint64(0)
}

function writeRlpQuantity(target: Buffer, at: number, value: bigint): number {
  const end = writeQuantity(target, at + 1, value)
  if (end === at + 2 && target[at + 1]! < 0x80) {
    target[at] = target[at + 1]!
    return at + 1
  }
  target[at] = 0x80 + end - at - 1
  return end
}

function writeHash(target: Buffer, at: number, hash: Uint8Array): number {
  target[at] = 0xa0
  target.set(hash, at + 1)
  return at + 33
}

export function bytes(hex: Hex): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex')
}

export function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}
