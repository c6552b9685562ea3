import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type OpenAgentChannelParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** A staked prover: who answers and settles. */
  receiver: Address
  /** Wei out of the agent’s balance, under its limit. */
  deposit: bigint
}
export type OpenAgentChannelReturnType = Hash
export type OpenAgentChannelErrorType = NativeWriteErrorType

/**
 * Opens a payment channel with an agent’s wei. Its wallet sends this, is the payer and signs the vouchers; what is left comes
 * back to the agent’s balance. `openedChannel` reads the id from the receipt. Returns the transaction’s hash.
 *
 * @example
 * const hash = await openAgentChannel(client, { agent, receiver: prover, deposit: parseEther('2') })
 */
export async function openAgentChannel(
  client: NativeClient,
  parameters: OpenAgentChannelParameters,
): Promise<OpenAgentChannelReturnType> {
  const { agent, receiver, deposit, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'openChannel', args: [agent, receiver, deposit] })
  return sendNative(client, options, { contract: 'agents', data })
}
