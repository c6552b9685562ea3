/** Gas of blobs and its price (EIP-4844, 7691, 7840, 7892, 7918). */
import { greater } from '../bytes.ts'
import type { EthereumHeader } from './header.ts'

export type BlobParameters = {
  /** Blobs a block: aimed at, and at most. */
  target: bigint
  max: bigint
  baseFeeUpdateFraction: bigint
}

export const GAS_PER_BLOB = 131_072n
const MIN_BASE_FEE = 1n
/** Execution gas that verifying a blob is worth (EIP-7918). */
const BLOB_BASE_COST = 8_192n

/** Wei per unit of blob gas. */
export function blobBaseFee(excess: bigint, { baseFeeUpdateFraction }: BlobParameters): bigint {
  return fakeExponential(MIN_BASE_FEE, excess, baseFeeUpdateFraction)
}

/** factor · e^(numerator / denominator) by its Taylor series, in integers (EIP-4844). */
function fakeExponential(factor: bigint, numerator: bigint, denominator: bigint): bigint {
  let sum = 0n
  let term = factor * denominator
  for (let i = 1n; term > 0n; i++) {
    sum += term
    term = (term * numerator) / (denominator * i)
  }
  return sum / denominator
}

/** Excess of the block after `parent`, by that block's parameters. */
export function excessBlobGasAfter(
  parent: Pick<EthereumHeader, 'excessBlobGas' | 'blobGasUsed' | 'baseFeePerGas'>,
  parameters: BlobParameters,
  hasReservePrice: boolean,
): bigint {
  const { excessBlobGas: excess = 0n, blobGasUsed: used = 0n, baseFeePerGas = 0n } = parent
  const { target, max } = parameters
  const targetGas = target * GAS_PER_BLOB
  if (excess + used < targetGas) return 0n
  const isUnderReserve =
    hasReservePrice && BLOB_BASE_COST * baseFeePerGas > GAS_PER_BLOB * blobBaseFee(excess, parameters)
  if (isUnderReserve) return excess + (used * (max - target)) / max
  return greater(excess + used - targetGas, 0n)
}
