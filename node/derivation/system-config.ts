/**
 * The system config: what L1's SystemConfig contract governs of the L2 chain, followed through its events
 * (specs.optimism.io, "System Config", with Holocene, Isthmus and Jovian).
 *
 *   event ConfigUpdate(uint256 indexed version, uint8 indexed updateType, bytes data)
 *
 *   0 batcher address    1 overhead ‖ fee scalar    2 gas limit u64       3 unsafe block signer (not derived)
 *   4 denominator u32 ‖ elasticity u32 in the low 8 bytes of a word       5 operator scalar u32 ‖ constant u64, low 12 bytes
 *   6 min base fee u64   7 DA footprint gas scalar u16
 */
import type { Hex } from 'viem'
import type { ChainConfig, SystemConfig } from '../../genesis/chain-config.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { CriticalError } from '../errors.ts'
import type { Block, Log } from '../execution/block.ts'
import { bytesToHex, bytesToUint, wordHex } from '../execution/bytes.ts'
import { decodeExtraData, eip1559ParamsOf } from '../execution/extra-data.ts'
import { decodeTransaction } from '../execution/transaction.ts'
import type { L1Receipt } from '../l1/source.ts'
import { decodeBytesArgument } from './deposit.ts'
import { encodeFeeScalars, isValidFeeScalar } from './fee-scalar.ts'
import { decodeL1Info, type L1Info } from './l1-info.ts'
import { MalformedError } from './malformed.ts'

export const CONFIG_UPDATE = bytesToHex(keccak256(Buffer.from('ConfigUpdate(uint256,uint8,bytes)')))
const VERSION_0 = wordHex(0n)

/** The system config after an L1 block. An update that cannot be read is skipped, as the specification says. */
export function applyConfigUpdates(config: ChainConfig, current: SystemConfig, receipts: L1Receipt[]): SystemConfig {
  let result = current
  for (const receipt of receipts) {
    if (!receipt.succeeded) continue
    for (const log of receipt.logs) {
      if (log.address !== config.l1SystemConfigAddress || log.topics[0] !== CONFIG_UPDATE) continue
      result = { ...result, ...configUpdate(log) }
    }
  }
  return result
}

/** The fields that an update sets; none where it is unknown or malformed. */
export function configUpdate(log: Log): Partial<SystemConfig> {
  const [, version, type] = log.topics
  if (version !== VERSION_0 || type === undefined || log.topics.length !== 3) return {}
  try {
    return readUpdate(BigInt(type), decodeBytesArgument(log.data))
  } catch (error) {
    if (error instanceof MalformedError) return {}
    throw error
  }
}

function readUpdate(type: bigint, data: Uint8Array): Partial<SystemConfig> {
  switch (type) {
    case 0n:
      return { batcherAddr: wordHex(readWord(data, 160n)).replace(/^0x0{24}/, '0x') as Hex }
    case 1n: {
      if (data.length !== 64) throw new MalformedError(`fee scalars have ${data.length} bytes, not 64`)
      const scalar = bytesToHex(data.subarray(32))
      return isValidFeeScalar(scalar) ? { scalar } : {}
    }
    case 2n:
      return { gasLimit: Number(readWord(data, 53n)) }
    case 4n:
      return { eip1559Params: `0x${wordHex(readWord(data, 256n)).slice(-16)}` }
    case 5n: {
      const word = readWord(data, 256n)
      return {
        operatorFeeScalar: Number((word >> 64n) & 0xffff_ffffn),
        operatorFeeConstant: word & 0xffff_ffff_ffff_ffffn,
      }
    }
    case 6n:
      return { minBaseFee: readWord(data, 64n) }
    case 7n:
      return { daFootprintGasScalar: Number(readWord(data, 16n)) }
    default:
      return {}
  }
}

function readWord(data: Uint8Array, bits: bigint): bigint {
  if (data.length !== 32) throw new MalformedError(`update has ${data.length} bytes, not 32`)
  const value = bytesToUint(data)
  if (value >> bits !== 0n) throw new MalformedError(`update value ${value} is above ${bits} bits`)
  return value
}

/** The system config in force in an L2 block: from its L1 attributes and header, or from the chain config for block 0. */
export function systemConfigFromBlock(config: ChainConfig, block: Block): SystemConfig {
  if (block.header.number === 0n) return config.genesis.systemConfig
  const info = l1InfoFromBlock(config, block)
  return {
    batcherAddr: info.batcher,
    scalar: encodeFeeScalars(info),
    gasLimit: Number(block.header.gasLimit),
    eip1559Params: eip1559ParamsOf(block.header.extraData),
    operatorFeeScalar: info.operatorFeeScalar,
    operatorFeeConstant: info.operatorFeeConstant,
    minBaseFee: decodeExtraData(block.header.extraData).minBaseFee,
    daFootprintGasScalar: info.daFootprintGasScalar,
  }
}

/** What was read from blocks that are still about: each is asked several times while it is the safe head. */
const known = new WeakMap<Block, L1Info>()

/** What a block other than block 0 says of L1. Throws a CriticalError where it has no L1 attributes. */
export function l1InfoFromBlock(config: ChainConfig, block: Block): L1Info {
  const found = known.get(block) ?? readL1Info(config, block)
  known.set(block, found)
  return found
}

function readL1Info(config: ChainConfig, block: Block): L1Info {
  const raw = block.transactions[0]
  if (raw === undefined) throw new CriticalError(`L2 block ${block.header.number} has no L1 attributes deposit`)
  try {
    return decodeL1Info(decodeTransaction(raw, BigInt(config.l2ChainId)).data)
  } catch (error) {
    throw new CriticalError(
      `L2 block ${block.header.number} has no readable L1 attributes: ${(error as Error).message}`,
    )
  }
}
