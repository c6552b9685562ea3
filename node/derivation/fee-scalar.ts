/**
 * The L1 fee scalar of the system config (specs.optimism.io, "System Config", Post-Ecotone Scalar Encoding):
 *
 *   version 1 = 0x01 ‖ zeros (23) ‖ blobBaseFeeScalar u32 ‖ baseFeeScalar u32
 *   version 0 = 0x00 ‖ zeros (27) ‖ baseFeeScalar u32
 */
import type { Hex } from 'viem'
import { bytesToHex, hexToBytes } from '../execution/bytes.ts'

export type FeeScalars = { baseFeeScalar: number; blobBaseFeeScalar: number }

const MAX_UINT32 = 0xffff_ffff

export function encodeFeeScalars({ baseFeeScalar, blobBaseFeeScalar }: FeeScalars): Hex {
  const bytes = new Uint8Array(32)
  const view = new DataView(bytes.buffer)
  bytes[0] = 1
  view.setUint32(24, blobBaseFeeScalar)
  view.setUint32(28, baseFeeScalar)
  return bytesToHex(bytes)
}

/** Whether an update to this scalar is to be applied: a known version with zero padding. */
export function isValidFeeScalar(scalar: Hex): boolean {
  const bytes = hexToBytes(scalar)
  const padding = bytes[0] === 0 ? bytes.subarray(1, 28) : bytes.subarray(1, 24)
  return bytes[0]! <= 1 && padding.every((byte) => byte === 0)
}

/** Padding that is not zero in version 0 means the largest scalar, as the specification says. */
export function feeScalars(scalar: Hex): FeeScalars {
  const bytes = hexToBytes(scalar)
  const view = new DataView(bytes.buffer, bytes.byteOffset, 32)
  if (bytes[0] === 1) return { baseFeeScalar: view.getUint32(28), blobBaseFeeScalar: view.getUint32(24) }
  return { baseFeeScalar: isValidFeeScalar(scalar) ? view.getUint32(28) : MAX_UINT32, blobBaseFeeScalar: 0 }
}
