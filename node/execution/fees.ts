/**
 * What a block and its transactions cost beyond execution: the L1 data fee (Fjord), the operator fee and the
 * data-availability footprint (Isthmus, Jovian), the base fee (EIP-1559 with Holocene's and Jovian's parameters).
 * Integers only; wei and gas. Source: specs.optimism.io, "Fjord/Isthmus/Jovian: exec-engine".
 */
import type { Hex } from 'viem'
import { type Address, PREDEPLOYS } from '../../genesis/addresses.ts'
import type { Header } from './block.ts'
import { greater, wordHex } from './bytes.ts'
import { decodeExtraData } from './extra-data.ts'
import { fastLzLength } from './fast-lz.ts'
import { InvalidBlockError } from './invalid-block.ts'

/** Fjord's linear model of a transaction's bytes in a batch; all but the minimum scaled by 1e6. */
const MIN_TRANSACTION_SIZE = 100n
const INTERCEPT = -42_585_600n
const FASTLZ_COEFFICIENT = 836_500n
const SCALE = 1_000_000n

/** What the L1 attributes of a block say about fees; slots of L1Block (see {@link l1FeeParameters}). */
export type L1FeeParameters = {
  /** Wei per gas of L1. */
  baseFee: bigint
  blobBaseFee: bigint
  /** Scaled by 1e6. */
  baseFeeScalar: bigint
  blobBaseFeeScalar: bigint
  operatorFeeScalar: bigint
  operatorFeeConstant: bigint
  /** Gas of footprint per byte of estimated batch size. */
  daFootprintGasScalar: bigint
}

const SLOT_BASE_FEE = wordHex(1n)
const SLOT_SCALARS = wordHex(3n)
const SLOT_BLOB_BASE_FEE = wordHex(7n)
const SLOT_OPERATOR_FEE = wordHex(8n)

/** `size` bytes of a packed storage word, `offset` bytes from its low end (Solidity's offset). */
function packed(word: bigint, offset: number, size: number): bigint {
  return BigInt.asUintN(size * 8, word >> BigInt(offset * 8))
}

/**
 * Reads L1Block as the state stands: after a block's deposits, before its first ordinary transaction.
 *
 *   slot 1  basefee                          slot 7  blobBaseFee
 *   slot 3  blobBaseFeeScalar u32 at 8, baseFeeScalar u32 at 12
 *   slot 8  operatorFeeConstant u64 at 0, operatorFeeScalar u32 at 8, daFootprintGasScalar u16 at 12
 */
export function l1FeeParameters(state: { storage(address: Address, slot: Hex): bigint }): L1FeeParameters {
  const read = (slot: Hex) => state.storage(PREDEPLOYS.l1Block, slot)
  const scalars = read(SLOT_SCALARS)
  const operator = read(SLOT_OPERATOR_FEE)
  return {
    baseFee: read(SLOT_BASE_FEE),
    blobBaseFee: read(SLOT_BLOB_BASE_FEE),
    baseFeeScalar: packed(scalars, 12, 4),
    blobBaseFeeScalar: packed(scalars, 8, 4),
    operatorFeeScalar: packed(operator, 8, 4),
    operatorFeeConstant: packed(operator, 0, 8),
    daFootprintGasScalar: packed(operator, 12, 2),
  }
}

/** Estimated bytes of an envelope in a batch, scaled by 1e6. */
export function estimatedSizeScaled(raw: Uint8Array): bigint {
  const estimate = INTERCEPT + FASTLZ_COEFFICIENT * BigInt(fastLzLength(raw))
  return greater(estimate, MIN_TRANSACTION_SIZE * SCALE)
}

/** Wei for the transaction's bytes on L1 (Fjord). `sizeScaled` from {@link estimatedSizeScaled}. */
export function l1DataFee(sizeScaled: bigint, parameters: L1FeeParameters): bigint {
  const { baseFee, baseFeeScalar, blobBaseFee, blobBaseFeeScalar } = parameters
  const feePerByteScaled = baseFeeScalar * baseFee * 16n + blobBaseFeeScalar * blobBaseFee
  return (sizeScaled * feePerByteScaled) / (SCALE * SCALE)
}

/** Wei to the operator for this much gas (Jovian's formula). */
export function operatorFee(gas: bigint, parameters: L1FeeParameters): bigint {
  return gas * parameters.operatorFeeScalar * 100n + parameters.operatorFeeConstant
}

/** Gas that a transaction takes of the block's data-availability footprint (Jovian). */
export function daFootprint(sizeScaled: bigint, parameters: L1FeeParameters): bigint {
  return (sizeScaled / SCALE) * parameters.daFootprintGasScalar
}

/** Base fee of the block after this one: EIP-1559 over max(gasUsed, footprint), not below the header's least. */
export function nextBaseFee(parent: Header): bigint {
  const { denominator, elasticity, minBaseFee } = decodeExtraData(parent.extraData)
  const target = parent.gasLimit / BigInt(elasticity)
  if (target === 0n)
    throw new InvalidBlockError(`gasLimit ${parent.gasLimit} is below elasticity ${elasticity}: no gas target`)
  const metered = greater(parent.gasUsed, parent.blobGasUsed)
  const next = parent.baseFeePerGas + baseFeeChange(parent.baseFeePerGas, metered, target, BigInt(denominator))
  return greater(next, minBaseFee)
}

function baseFeeChange(baseFee: bigint, used: bigint, target: bigint, denominator: bigint): bigint {
  if (used === target) return 0n
  if (used < target) return -((baseFee * (target - used)) / target / denominator)
  const rise = (baseFee * (used - target)) / target / denominator
  return greater(rise, 1n)
}
