import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type DrawCommitteeParameters = WriteOptions & {
  /** Round of a challenge 4, of the `FeatureChallenged` log. */
  round: bigint
}
export type DrawCommitteeReturnType = Hash
export type DrawCommitteeErrorType = NativeWriteErrorType

/**
 * Draws a round’s seats, by anybody, from its L1 number `drawAt` on and before `drawUntil`.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await drawCommittee(client, { round: 1n })
 */
export async function drawCommittee(
  client: NativeClient,
  parameters: DrawCommitteeParameters,
): Promise<DrawCommitteeReturnType> {
  const { round, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'drawCommittee', args: [round] })
  return sendNative(client, options, { contract: 'attribution', data })
}
