import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type AppealRoundParameters = WriteOptions & {
  /** Round of a challenge 4, of the `FeatureChallenged` log. */
  round: bigint
  /** Wei: at least `challengeBond` × `appealFactor`. Lost where all validators find what the committee found. */
  bond: bigint
}
export type AppealRoundReturnType = Hash
export type AppealRoundErrorType = NativeWriteErrorType

/**
 * Appeals from a committee to all validators.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await appealRound(client, { round: 1n, bond })
 */
export async function appealRound(
  client: NativeClient,
  parameters: AppealRoundParameters,
): Promise<AppealRoundReturnType> {
  const { round, bond, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'appealRound', args: [round] })
  return sendNative(client, options, { contract: 'attribution', data, value: bond })
}
