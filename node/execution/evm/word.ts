/** Words of the EVM: 256-bit unsigned integers as bigints, and the bytes, addresses and slots that they stand for. */
import type { Hex } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'

const ADDRESS_MASK = (1n << 160n) - 1n

/** The word's last 20 bytes. */
export function wordToAddress(word: bigint): Address {
  return `0x${(word & ADDRESS_MASK).toString(16).padStart(40, '0')}`
}

/** An address or a hash. */
export function hexToWord(hex: Hex): bigint {
  return BigInt(hex)
}

/** The 32 bytes at an offset, which the view must have. */
export function readWord(view: DataView, offset: number): bigint {
  const first = view.getBigUint64(offset)
  const second = view.getBigUint64(offset + 8)
  const third = view.getBigUint64(offset + 16)
  const last = view.getBigUint64(offset + 24)
  if (first === 0n && second === 0n && third === 0n) return last
  return (((((first << 64n) | second) << 64n) | third) << 64n) | last
}

export function writeWord(view: DataView, offset: number, word: bigint): void {
  // setBigUint64 takes a bigint's last 64 bits.
  view.setBigUint64(offset, word >> 192n)
  view.setBigUint64(offset + 8, word >> 128n)
  view.setBigUint64(offset + 16, word >> 64n)
  view.setBigUint64(offset + 24, word)
}

/** The 32 bytes from an offset on; beyond the end there are zeros. */
export function paddedWord(bytes: Uint8Array, offset: bigint): bigint {
  if (offset >= BigInt(bytes.length)) return 0n
  const from = Number(offset)
  if (from + 32 <= bytes.length) return readWord(new DataView(bytes.buffer, bytes.byteOffset), from)
  const padded = new Uint8Array(32)
  padded.set(bytes.subarray(from))
  return readWord(new DataView(padded.buffer), 0)
}
