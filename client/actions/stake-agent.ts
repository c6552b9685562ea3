import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type StakeAgentParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Wei. */
  amount: bigint
}
export type StakeAgentReturnType = Hash
export type StakeAgentErrorType = NativeWriteErrorType

/**
 * Adds to an agent’s stake, which stands behind the deadlines of the jobs that it accepts; anybody may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await stakeAgent(client, { agent, amount: parseEther('10') })
 */
export async function stakeAgent(
  client: NativeClient,
  parameters: StakeAgentParameters,
): Promise<StakeAgentReturnType> {
  const { agent, amount, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'stake', args: [agent] })
  return sendNative(client, options, { contract: 'agents', data, value: amount })
}
