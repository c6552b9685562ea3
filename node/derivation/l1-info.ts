/**
 * The L1 attributes deposit, first transaction of every L2 block (specs.optimism.io, "Jovian: L1 Block Attributes").
 *
 *   0    selector 3db6be2b            68   blobBaseFee u256
 *   4    baseFeeScalar u32            100  L1 block hash
 *   8    blobBaseFeeScalar u32        132  batcher hash (address, left-padded)
 *   12   sequenceNumber u64           164  operatorFeeScalar u32
 *   20   L1 timestamp u64             168  operatorFeeConstant u64
 *   28   L1 number u64                176  daFootprintGasScalar u16
 *   36   baseFee u256                 178
 */
import type { Hex } from 'viem'
import { type Address, L1_ATTRIBUTES_DEPOSITOR, PREDEPLOYS } from '../../genesis/addresses.ts'
import type { SystemConfig } from '../../genesis/chain-config.ts'
import { bytesToHex, bytesToUint, hexToBytes, wordBytes } from '../execution/bytes.ts'
import type { DepositFields } from '../execution/transaction.ts'
import type { L1Block } from '../l1/source.ts'
import { DEFAULT_DA_FOOTPRINT_GAS_SCALAR, L1_ATTRIBUTES_GAS, SOURCE_DOMAIN_L1_ATTRIBUTES } from './constants.ts'
import { feeScalars } from './fee-scalar.ts'
import { MalformedError } from './malformed.ts'
import { sourceHash } from './source-hash.ts'

/** First four bytes of keccak("setL1BlockValuesJovian()"). */
const SELECTOR = 0x3db6be2b
const LENGTH = 178

/** What an L2 block says of its L1 origin and of the system config in force. */
export type L1Info = {
  number: bigint
  hash: Hex
  /** Seconds. */
  timestamp: bigint
  sequenceNumber: bigint
  /** Wei per gas, wei per unit of blob gas. */
  baseFee: bigint
  blobBaseFee: bigint
  baseFeeScalar: number
  blobBaseFeeScalar: number
  batcher: Address
  operatorFeeScalar: number
  operatorFeeConstant: bigint
  daFootprintGasScalar: number
}

export function l1InfoOf(l1Block: L1Block, systemConfig: SystemConfig, sequenceNumber: bigint): L1Info {
  return {
    number: l1Block.number,
    hash: l1Block.hash,
    timestamp: l1Block.timestamp,
    sequenceNumber,
    baseFee: l1Block.baseFeePerGas,
    blobBaseFee: l1Block.blobBaseFee,
    ...feeScalars(systemConfig.scalar),
    batcher: systemConfig.batcherAddr,
    operatorFeeScalar: systemConfig.operatorFeeScalar,
    operatorFeeConstant: systemConfig.operatorFeeConstant,
    daFootprintGasScalar: systemConfig.daFootprintGasScalar || DEFAULT_DA_FOOTPRINT_GAS_SCALAR,
  }
}

export function encodeL1Info(info: L1Info): Uint8Array {
  const bytes = new Uint8Array(LENGTH)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, SELECTOR)
  view.setUint32(4, info.baseFeeScalar)
  view.setUint32(8, info.blobBaseFeeScalar)
  view.setBigUint64(12, info.sequenceNumber)
  view.setBigUint64(20, info.timestamp)
  view.setBigUint64(28, info.number)
  bytes.set(wordBytes(info.baseFee), 36)
  bytes.set(wordBytes(info.blobBaseFee), 68)
  bytes.set(hexToBytes(info.hash), 100)
  bytes.set(hexToBytes(info.batcher), 144)
  view.setUint32(164, info.operatorFeeScalar)
  view.setBigUint64(168, info.operatorFeeConstant)
  view.setUint16(176, info.daFootprintGasScalar)
  return bytes
}

/** Throws {@link MalformedError}. */
export function decodeL1Info(data: Uint8Array): L1Info {
  if (data.length !== LENGTH) throw new MalformedError(`L1 attributes have ${data.length} bytes, not ${LENGTH}`)
  const view = new DataView(data.buffer, data.byteOffset, LENGTH)
  if (view.getUint32(0) !== SELECTOR)
    throw new MalformedError(`L1 attributes have selector ${bytesToHex(data.subarray(0, 4))}`)
  return {
    number: view.getBigUint64(28),
    hash: bytesToHex(data.subarray(100, 132)),
    timestamp: view.getBigUint64(20),
    sequenceNumber: view.getBigUint64(12),
    baseFee: bytesToUint(data.subarray(36, 68)),
    blobBaseFee: bytesToUint(data.subarray(68, 100)),
    baseFeeScalar: view.getUint32(4),
    blobBaseFeeScalar: view.getUint32(8),
    batcher: bytesToHex(data.subarray(144, 164)),
    operatorFeeScalar: view.getUint32(164),
    operatorFeeConstant: view.getBigUint64(168),
    daFootprintGasScalar: view.getUint16(176),
  }
}

export function l1AttributesDeposit(info: L1Info): DepositFields {
  return {
    sourceHash: sourceHash(SOURCE_DOMAIN_L1_ATTRIBUTES, info.hash, info.sequenceNumber),
    sender: L1_ATTRIBUTES_DEPOSITOR,
    to: PREDEPLOYS.l1Block,
    mint: 0n,
    value: 0n,
    gasLimit: L1_ATTRIBUTES_GAS,
    isSystemTransaction: false,
    data: encodeL1Info(info),
  }
}
