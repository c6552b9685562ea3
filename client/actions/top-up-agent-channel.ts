import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type TopUpAgentChannelParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Channel id. */
  channel: Hex
  /** Wei. */
  amount: bigint
}
export type TopUpAgentChannelReturnType = Hash
export type TopUpAgentChannelErrorType = NativeWriteErrorType

/**
 * Adds wei of an agent’s balance to a channel of its wallet’s, under its limit; the wallet may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await topUpAgentChannel(client, { agent, channel, amount: parseEther('1') })
 */
export async function topUpAgentChannel(
  client: NativeClient,
  parameters: TopUpAgentChannelParameters,
): Promise<TopUpAgentChannelReturnType> {
  const { agent, channel, amount, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'topUpChannel', args: [agent, channel, amount] })
  return sendNative(client, options, { contract: 'agents', data })
}
