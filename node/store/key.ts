/** Keys of tables from numbers, hashes and names. */
import type { Hex } from 'viem'

/** u64 big endian: order of keys is order of numbers. */
export function numberKey(number: bigint): Uint8Array {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, number)
  return key
}

export function keyNumber(key: Uint8Array): bigint {
  return new DataView(key.buffer, key.byteOffset, key.byteLength).getBigUint64(0)
}

/** Bytes of a hash or an address. */
export function hexKey(hex: Hex): Uint8Array {
  const bytes = Buffer.from(hex.slice(2), 'hex')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A name in ASCII, for tables that hold a few named values. */
export function nameKey(name: string): Uint8Array {
  return new TextEncoder().encode(name)
}
