/** Hex, integers and bytes: what every codec and rule of this folder needs, through Buffer because they are hot. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'

export const EMPTY_BYTES = new Uint8Array(0)

export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}

/** Bytes of an even-length hex string. */
export function hexToBytes(hex: Hex): Uint8Array {
  const buffer = Buffer.from(hex.slice(2), 'hex')
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

export function bytesToAddress(bytes: Uint8Array): Address {
  return bytesToHex(bytes)
}

/** Big-endian unsigned integer; 0n for no bytes. */
export function bytesToUint(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes))
}

/** Shortest big-endian form (RLP's integers): no bytes for 0. */
export function uintToBytes(value: bigint): Uint8Array {
  if (value === 0n) return EMPTY_BYTES
  const digits = value.toString(16)
  return hexToBytes(`0x${digits.length % 2 === 0 ? digits : `0${digits}`}`)
}

/** A 32-byte word as hex: slots, topics, hashes. */
export function wordHex(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`
}

/** The value left-padded to 32 bytes. */
export function wordBytes(value: bigint): Uint8Array {
  return hexToBytes(wordHex(value))
}

export function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

export function greater(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  const total = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    total.set(part, offset)
    offset += part.length
  }
  return total
}
