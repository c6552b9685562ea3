/** An account's RLP (yellow paper, 4.1): [nonce, balance, storageRoot, codeHash], used in the trie's leaf and in the flat table. */
import { RLP } from '@ethereumjs/rlp'
import type { Hex } from 'viem'
import type { Account } from './reader.ts'

/** keccak of no code. */
export const EMPTY_CODE_HASH = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

export function encodeAccount(account: Account): Uint8Array {
  return RLP.encode([
    quantity(account.nonce),
    quantity(account.balance),
    bytes(account.storageRoot),
    bytes(account.codeHash),
  ])
}

export function decodeAccount(encoding: Uint8Array): Account {
  const [nonce, balance, storageRoot, codeHash] = RLP.decode(encoding) as Uint8Array[]
  if (!nonce || !balance || storageRoot?.length !== 32 || codeHash?.length !== 32)
    throw new Error('damaged database: bytes are no account')
  return {
    nonce: bigintOf(nonce),
    balance: bigintOf(balance),
    storageRoot: hexOf(storageRoot),
    codeHash: hexOf(codeHash),
  }
}

/** Big endian without leading zeros; empty for 0. */
export function quantity(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0)
  const text = value.toString(16)
  return Buffer.from(text.length & 1 ? `0${text}` : text, 'hex')
}

export function bigintOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(hexOf(bytes))
}

export function bytes(hex: Hex): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex')
}

export function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}
