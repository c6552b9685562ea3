import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { agentRegistryAbi } from '../../genesis/abi/agent-registry.ts'
import { AGENT_REGISTRY } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetAgentMetadataParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** At most 64 bytes; not `agentWallet`. */
  key: string
  /** At most 4,096 bytes. */
  value: Hex
}
export type SetAgentMetadataReturnType = Hash
export type SetAgentMetadataErrorType = NativeWriteErrorType

/**
 * Sets a value under a key of an agent’s metadata; its owner and who may act for it may. Goes through the Agent
 * Registry. Returns the transaction’s hash.
 *
 * @example
 * const hash = await setAgentMetadata(client, { agent, key: 'skills', value: '0x01' })
 */
export async function setAgentMetadata(
  client: NativeClient,
  parameters: SetAgentMetadataParameters,
): Promise<SetAgentMetadataReturnType> {
  const { agent, key, value, ...options } = parameters
  const functionName = 'setMetadata'
  const data = encodeFunctionData({ abi: agentRegistryAbi, functionName, args: [agent, key, value] })
  const through = { address: AGENT_REGISTRY, functionName }
  return sendNative(client, options, { contract: 'agents', data, through })
}
