import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type CloseAgentChannelParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Channel id. */
  channel: Hex
}
export type CloseAgentChannelReturnType = Hash
export type CloseAgentChannelErrorType = NativeWriteErrorType

/**
 * Starts closing a channel of an agent’s; its owner or its wallet may. Anybody may then refund it, to the agent’s balance. Returns the transaction’s hash.
 *
 * @example
 * const hash = await closeAgentChannel(client, { agent, channel })
 */
export async function closeAgentChannel(
  client: NativeClient,
  parameters: CloseAgentChannelParameters,
): Promise<CloseAgentChannelReturnType> {
  const { agent, channel, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'closeChannel', args: [agent, channel] })
  return sendNative(client, options, { contract: 'agents', data })
}
