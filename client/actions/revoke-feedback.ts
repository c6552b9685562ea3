import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type RevokeFeedbackParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** The sender’s index, from 1. */
  index: bigint
}
export type RevokeFeedbackReturnType = Hash
export type RevokeFeedbackErrorType = NativeWriteErrorType

/**
 * Revokes feedback that the sender has given to an agent (ERC-8004). Returns the transaction’s hash.
 *
 * @example
 * const hash = await revokeFeedback(client, { agent, index: 1n })
 */
export async function revokeFeedback(
  client: NativeClient,
  parameters: RevokeFeedbackParameters,
): Promise<RevokeFeedbackReturnType> {
  const { agent, index, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'revokeFeedback', args: [agent, index] })
  return sendNative(client, options, { contract: 'agents', data })
}
