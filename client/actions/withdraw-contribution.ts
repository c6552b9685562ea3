import { encodeFunctionData, type Hash } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type WithdrawContributionParameters = WriteOptions & {
  /** Contribution id. */
  contribution: bigint
}
export type WithdrawContributionReturnType = Hash
export type WithdrawContributionErrorType = NativeWriteErrorType

/**
 * Withdraws one’s own contribution: requests opened from its block on skip its rows. What was earned stays.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await withdrawContribution(client, { contribution: 7n })
 */
export async function withdrawContribution(
  client: NativeClient,
  parameters: WithdrawContributionParameters,
): Promise<WithdrawContributionReturnType> {
  const { contribution, ...options } = parameters
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'withdraw', args: [contribution] })
  return sendNative(client, options, { contract: 'datanets', data })
}
