/** What a transaction's bytes on L1 cost by the OP Stack's earlier forks (op-geth, core/types/rollup_cost.go); Fjord's is in fees.ts. */

/** Ecotone's parameters are {@link L1FeeParameters} of fees.ts; those before it are these, slots 1, 5 and 6 of L1Block. */
export type BedrockFeeParameters = {
  /** Wei per gas of L1. */
  baseFee: bigint
  /** Gas of L1 for every transaction. */
  overhead: bigint
  /** Scaled by 1e6. */
  scalar: bigint
}

const ZERO_BYTE = 4n
const NONZERO_BYTE = 16n
/** What Bedrock counted for a signature that the bytes hold already; Regolith ended that. */
const SIGNATURE_BYTES = 68n
const SCALE = 1_000_000n

/** Gas that the bytes would cost as calldata on L1. */
function calldataGas(raw: Uint8Array): bigint {
  let nonZero = 0
  for (const byte of raw) if (byte !== 0) nonZero++
  return BigInt(raw.length - nonZero) * ZERO_BYTE + BigInt(nonZero) * NONZERO_BYTE
}

/** Wei, at Bedrock or Regolith; at Ecotone too in its first block, whose attributes are still the old ones. */
export function bedrockL1Fee(
  raw: Uint8Array,
  { baseFee, overhead, scalar }: BedrockFeeParameters,
  fork: 'bedrock' | 'regolith',
): bigint {
  const signature = fork === 'bedrock' ? SIGNATURE_BYTES * NONZERO_BYTE : 0n
  return ((calldataGas(raw) + signature + overhead) * baseFee * scalar) / SCALE
}

/** Wei, at Ecotone. */
export function ecotoneL1Fee(
  raw: Uint8Array,
  parameters: { baseFee: bigint; blobBaseFee: bigint; baseFeeScalar: bigint; blobBaseFeeScalar: bigint },
): bigint {
  const { baseFee, blobBaseFee, baseFeeScalar, blobBaseFeeScalar } = parameters
  const perByte = baseFee * 16n * baseFeeScalar + blobBaseFee * blobBaseFeeScalar
  return (calldataGas(raw) * perByte) / (NONZERO_BYTE * SCALE)
}

/** Wei to the operator, at Isthmus. */
export function isthmusOperatorFee(
  gas: bigint,
  { operatorFeeScalar, operatorFeeConstant }: { operatorFeeScalar: bigint; operatorFeeConstant: bigint },
): bigint {
  return (gas * operatorFeeScalar) / SCALE + operatorFeeConstant
}
