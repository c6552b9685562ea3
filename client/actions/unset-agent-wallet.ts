import { encodeFunctionData, type Hash } from 'viem'
import { agentRegistryAbi } from '../../genesis/abi/agent-registry.ts'
import { AGENT_REGISTRY } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type UnsetAgentWalletParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
}
export type UnsetAgentWalletReturnType = Hash
export type UnsetAgentWalletErrorType = NativeWriteErrorType

/**
 * Takes an agent’s wallet away; its owner and who may act for it may. Goes through the Agent
 * Registry. Returns the transaction’s hash.
 *
 * @example
 * const hash = await unsetAgentWallet(client, { agent })
 */
export async function unsetAgentWallet(
  client: NativeClient,
  parameters: UnsetAgentWalletParameters,
): Promise<UnsetAgentWalletReturnType> {
  const { agent, ...options } = parameters
  const functionName = 'unsetAgentWallet'
  const data = encodeFunctionData({ abi: agentRegistryAbi, functionName, args: [agent] })
  const through = { address: AGENT_REGISTRY, functionName }
  return sendNative(client, options, { contract: 'agents', data, through })
}
