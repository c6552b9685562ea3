import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetSpendingLimitParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Wei that the wallet may spend in a period. */
  limit: bigint
  /** Seconds, at most a year. */
  period: bigint
}
export type SetSpendingLimitReturnType = Hash
export type SetSpendingLimitErrorType = NativeWriteErrorType

/**
 * Says how much an agent’s wallet may spend of its balance in each period; its owner may. A period begins now. Returns the transaction’s hash.
 *
 * @example
 * const hash = await setSpendingLimit(client, { agent, limit: parseEther('5'), period: 86_400n })
 */
export async function setSpendingLimit(
  client: NativeClient,
  parameters: SetSpendingLimitParameters,
): Promise<SetSpendingLimitReturnType> {
  const { agent, limit, period, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'setSpendingLimit', args: [agent, limit, period] })
  return sendNative(client, options, { contract: 'agents', data })
}
