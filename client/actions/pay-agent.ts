import { encodeFunctionData, type Hash, type Hex, zeroHash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type PayAgentParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Wei. */
  amount: bigint
  /** 32 bytes for the agent to know the payment by; zeros where absent. */
  memo?: Hex
}
export type PayAgentReturnType = Hash
export type PayAgentErrorType = NativeWriteErrorType

/**
 * Pays wei into an agent’s balance; anybody may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await payAgent(client, { agent, amount: parseEther('5') })
 */
export async function payAgent(client: NativeClient, parameters: PayAgentParameters): Promise<PayAgentReturnType> {
  const { agent, amount, memo = zeroHash, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'payAgent', args: [agent, memo] })
  return sendNative(client, options, { contract: 'agents', data, value: amount })
}
