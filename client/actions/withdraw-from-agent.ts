import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type WithdrawFromAgentParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Wei. */
  amount: bigint
}
export type WithdrawFromAgentReturnType = Hash
export type WithdrawFromAgentErrorType = NativeWriteErrorType

/**
 * Takes wei out of an agent’s balance; its owner may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await withdrawFromAgent(client, { agent, amount: parseEther('2') })
 */
export async function withdrawFromAgent(
  client: NativeClient,
  parameters: WithdrawFromAgentParameters,
): Promise<WithdrawFromAgentReturnType> {
  const { agent, amount, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'withdraw', args: [agent, amount] })
  return sendNative(client, options, { contract: 'agents', data })
}
