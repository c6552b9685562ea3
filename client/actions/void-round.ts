import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type VoidRoundParameters = WriteOptions & {
  /** Round of a challenge 4, of the `FeatureChallenged` log. */
  round: bigint
}
export type VoidRoundReturnType = Hash
export type VoidRoundErrorType = NativeWriteErrorType

/**
 * Ends a round that was not drawn in time, found nothing, or whose finding nobody has shown: bonds return.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await voidRound(client, { round: 1n })
 */
export async function voidRound(client: NativeClient, parameters: VoidRoundParameters): Promise<VoidRoundReturnType> {
  const { round, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'voidRound', args: [round] })
  return sendNative(client, options, { contract: 'attribution', data })
}
