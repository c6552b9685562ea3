import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type UnstakeAgentParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Wei. */
  amount: bigint
}
export type UnstakeAgentReturnType = Hash
export type UnstakeAgentErrorType = NativeWriteErrorType

/**
 * Takes free wei out of an agent’s stake; its owner may withdraw it after `unstakeDelay`. Returns the transaction’s hash.
 *
 * @example
 * const hash = await unstakeAgent(client, { agent, amount: parseEther('10') })
 */
export async function unstakeAgent(
  client: NativeClient,
  parameters: UnstakeAgentParameters,
): Promise<UnstakeAgentReturnType> {
  const { agent, amount, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'unstake', args: [agent, amount] })
  return sendNative(client, options, { contract: 'agents', data })
}
