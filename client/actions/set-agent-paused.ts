import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetAgentPausedParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  paused: boolean
}
export type SetAgentPausedReturnType = Hash
export type SetAgentPausedErrorType = NativeWriteErrorType

/**
 * Stops an agent’s wallet from spending and from accepting jobs, or lets it go on; its owner may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await setAgentPaused(client, { agent, paused: true })
 */
export async function setAgentPaused(
  client: NativeClient,
  parameters: SetAgentPausedParameters,
): Promise<SetAgentPausedReturnType> {
  const { agent, paused, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'setPaused', args: [agent, paused] })
  return sendNative(client, options, { contract: 'agents', data })
}
