import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type WithdrawAgentStakeParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
}
export type WithdrawAgentStakeReturnType = Hash
export type WithdrawAgentStakeErrorType = NativeWriteErrorType

/**
 * Pays out to an agent’s owner what has been taken out of its stake. Returns the transaction’s hash.
 *
 * @example
 * const hash = await withdrawAgentStake(client, { agent })
 */
export async function withdrawAgentStake(
  client: NativeClient,
  parameters: WithdrawAgentStakeParameters,
): Promise<WithdrawAgentStakeReturnType> {
  const { agent, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'withdrawStake', args: [agent] })
  return sendNative(client, options, { contract: 'agents', data })
}
