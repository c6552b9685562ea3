/** keccak256 of abi.encode of static values: every value one 32-byte word. */
import type { Hex } from 'viem'
import { ByteWriter, concatBytes } from './byte-cursor.ts'
import { keccak256 } from './keccak.ts'

/** A static ABI value. */
export type AbiWord = { uint: bigint | number; bits: number } | { address: Hex } | { bytes32: Hex } | { bool: boolean }

/** The value's word. Throws RangeError where it does not fit its type. */
export function abiWord(value: AbiWord): Uint8Array {
  const writer = new ByteWriter()
  if ('bytes32' in value) return writer.hex(value.bytes32, 32).finish()
  if ('address' in value) return writer.uint(0, 12).hex(value.address, 20).finish()
  if ('bool' in value) return writer.uint(value.bool ? 1 : 0, 32).finish()
  const size = value.bits / 8
  return writer
    .uint(0, 32 - size)
    .uint(value.uint, size)
    .finish()
}

export function hashWords(values: readonly AbiWord[]): Uint8Array {
  return keccak256(concatBytes(values.map(abiWord)))
}
