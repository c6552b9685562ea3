import { encodeFunctionData, type Hash, type Hex, zeroHash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type PayFromAgentParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Who is paid, without a call. */
  to: Address
  /** Wei. */
  amount: bigint
  /** 32 bytes for the payee to know the payment by; zeros where absent. */
  memo?: Hex
}
export type PayFromAgentReturnType = Hash
export type PayFromAgentErrorType = NativeWriteErrorType

/**
 * Pays out of an agent’s balance, under its limit; its wallet may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await payFromAgent(client, { agent, to: worker, amount: parseEther('1') })
 */
export async function payFromAgent(
  client: NativeClient,
  parameters: PayFromAgentParameters,
): Promise<PayFromAgentReturnType> {
  const { agent, to, amount, memo = zeroHash, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'pay', args: [agent, to, amount, memo] })
  return sendNative(client, options, { contract: 'agents', data })
}
