import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type WithdrawIncomeParameters = WriteOptions & {
  /** Datanet id. */
  datanet: bigint
}
export type WithdrawIncomeReturnType = Hash
export type WithdrawIncomeErrorType = NativeWriteErrorType

/**
 * Withdraws what one’s share tokens of a Datanet have earned.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await withdrawIncome(client, { datanet: 1n })
 */
export async function withdrawIncome(
  client: NativeClient,
  parameters: WithdrawIncomeParameters,
): Promise<WithdrawIncomeReturnType> {
  const { datanet, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'withdrawIncome', args: [datanet] })
  return sendNative(client, options, { contract: 'attribution', data })
}
