import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type DecideRowParameters = WriteOptions & {
  /** Round of a challenge 4, of the `FeatureChallenged` log. */
  round: bigint
  /** The challenged row’s bytes. */
  row: Hex
  /** The bytes under the decided hash (protocol/feature-tolerance.ts). */
  vector: Hex
}
export type DecideRowReturnType = Hash
export type DecideRowErrorType = NativeWriteErrorType

/**
 * Shows the bytes that a round about a row has decided on, and ends it. `challengeOutcome` reads the outcome from its receipt.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await decideRow(client, { round: 1n, row, vector })
 */
export async function decideRow(client: NativeClient, parameters: DecideRowParameters): Promise<DecideRowReturnType> {
  const { round, row, vector, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'decideRow', args: [round, row, vector] })
  return sendNative(client, options, { contract: 'attribution', data })
}
