import { encodeFunctionData, type Hash } from 'viem'
import { agentRegistryAbi } from '../../genesis/abi/agent-registry.ts'
import { type Address, AGENT_REGISTRY } from '../../genesis/addresses.ts'
import {
  type NativeClient,
  type NativeWriteErrorType,
  sendNative,
  signerOf,
  type WriteOptions,
} from '../native-transaction.ts'

export type TransferAgentParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** The owner; the sender where absent. */
  from?: Address
  /** The new owner; a contract must take ERC-721 tokens. */
  to: Address
}
export type TransferAgentReturnType = Hash
export type TransferAgentErrorType = NativeWriteErrorType

/**
 * Gives an agent, with its balance, stake and jobs, to another owner (ERC-721's safeTransferFrom). Its wallet and its
 * approval are cleared. Returns the transaction’s hash.
 *
 * @example
 * const hash = await transferAgent(client, { agent, to })
 */
export async function transferAgent(
  client: NativeClient,
  parameters: TransferAgentParameters,
): Promise<TransferAgentReturnType> {
  const { agent, to, from, ...options } = parameters
  const owner = from ?? signerOf(client, options.account).address
  const functionName = 'safeTransferFrom'
  const data = encodeFunctionData({ abi: agentRegistryAbi, functionName, args: [owner, to, agent] })
  const through = { address: AGENT_REGISTRY, functionName }
  return sendNative(client, options, { contract: 'agents', data, through })
}
