import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type WithdrawCuratorIncomeParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
}
export type WithdrawCuratorIncomeReturnType = Hash
export type WithdrawCuratorIncomeErrorType = NativeWriteErrorType

/**
 * Withdraws what one has earned as a curator of a Datanet.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await withdrawCuratorIncome(curator, { datanet: 1n })
 */
export async function withdrawCuratorIncome(
  client: NativeClient,
  parameters: WithdrawCuratorIncomeParameters,
): Promise<WithdrawCuratorIncomeReturnType> {
  const { datanet, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'withdrawCuratorIncome', args: [datanet] })
  return sendNative(client, options, { contract: 'attribution', data })
}
