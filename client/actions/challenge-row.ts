import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import { type RowProof, rowProofArgument } from '../row-proof.ts'

export type ChallengeRowParameters = WriteOptions & {
  /** Version’s id. */
  version: bigint
  /** The row with its path. */
  evidence: RowProof
  /** 32 bytes that the commitment to the subject was made with. */
  salt: Hex
}
export type ChallengeRowReturnType = Hash
export type ChallengeRowErrorType = NativeWriteErrorType

/**
 * Challenge 4 of a version’s row: a committee will be drawn. The commitment’s subject is `featureSubject(FEATURE_KIND.row, version, index)`.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await challengeRow(client, { version: 1n, evidence: { row, path }, salt })
 */
export async function challengeRow(
  client: NativeClient,
  parameters: ChallengeRowParameters,
): Promise<ChallengeRowReturnType> {
  const { version, evidence, salt, ...options } = parameters
  const data = encodeFunctionData({
    abi: attributionAbi,
    functionName: 'challengeRow',
    args: [version, rowProofArgument(evidence), salt],
  })
  return sendNative(client, options, { contract: 'attribution', data })
}
