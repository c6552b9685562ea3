import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type DecideCurvatureParameters = WriteOptions & {
  /** Round of a challenge 4, of the `FeatureChallenged` log. */
  round: bigint
}
export type DecideCurvatureReturnType = Hash
export type DecideCurvatureErrorType = NativeWriteErrorType

/**
 * Ends a round about a curvature. `challengeOutcome` reads the outcome from its receipt.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await decideCurvature(client, { round: 1n })
 */
export async function decideCurvature(
  client: NativeClient,
  parameters: DecideCurvatureParameters,
): Promise<DecideCurvatureReturnType> {
  const { round, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'decideCurvature', args: [round] })
  return sendNative(client, options, { contract: 'attribution', data })
}
