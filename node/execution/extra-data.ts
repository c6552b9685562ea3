/**
 * EIP-1559 parameters in a header (Holocene and Jovian execution engine specs).
 *
 *   extraData      version=1 u8 ‖ denominator u32 ‖ elasticity u32 ‖ minBaseFee u64      (17 bytes, big endian)
 *   eip1559Params  denominator u32 ‖ elasticity u32                                      (8 bytes; all zero means the defaults)
 */
import type { Hex } from 'viem'
import { bytesToHex, hexToBytes } from './bytes.ts'
import { InvalidBlockError } from './invalid-block.ts'

export type FeeParameters = {
  denominator: number
  elasticity: number
  /** Wei per gas. */
  minBaseFee: bigint
}

/** Canyon's denominator and the OP Stack's elasticity, which stand where the attributes say zero. */
export const DEFAULT_DENOMINATOR = 250
export const DEFAULT_ELASTICITY = 6

const VERSION = 1
const LENGTH = 17

export function encodeExtraData({ denominator, elasticity, minBaseFee }: FeeParameters): Hex {
  const bytes = new Uint8Array(LENGTH)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, VERSION)
  view.setUint32(1, denominator)
  view.setUint32(5, elasticity)
  view.setBigUint64(9, minBaseFee)
  return bytesToHex(bytes)
}

/** Throws {@link InvalidBlockError}. */
export function decodeExtraData(extraData: Hex): FeeParameters {
  const bytes = hexToBytes(extraData)
  if (bytes.length !== LENGTH) throw new InvalidBlockError(`extraData must be ${LENGTH} bytes, got ${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH)
  if (view.getUint8(0) !== VERSION)
    throw new InvalidBlockError(`extraData version must be ${VERSION}, got ${view.getUint8(0)}`)
  const parameters = { denominator: view.getUint32(1), elasticity: view.getUint32(5), minBaseFee: view.getBigUint64(9) }
  if (parameters.denominator === 0) throw new InvalidBlockError('extraData: denominator must not be 0')
  if (parameters.elasticity === 0) throw new InvalidBlockError('extraData: elasticity must not be 0')
  return parameters
}

/** The header's parameters for a block with these attributes. Throws {@link InvalidBlockError}. */
export function extraDataFor(eip1559Params: Hex, minBaseFee: bigint): Hex {
  const bytes = hexToBytes(eip1559Params)
  if (bytes.length !== 8) throw new InvalidBlockError(`eip1559Params must be 8 bytes, got ${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8)
  const denominator = view.getUint32(0)
  const elasticity = view.getUint32(4)
  if (denominator === 0 && elasticity === 0) {
    return encodeExtraData({ denominator: DEFAULT_DENOMINATOR, elasticity: DEFAULT_ELASTICITY, minBaseFee })
  }
  if (denominator === 0)
    throw new InvalidBlockError('eip1559Params: denominator must not be 0 unless elasticity is 0 too')
  return encodeExtraData({ denominator, elasticity, minBaseFee })
}

/** The attributes' eip1559Params of a block that carries this extraData. */
export function eip1559ParamsOf(extraData: Hex): Hex {
  return `0x${extraData.slice(4, 20)}`
}
