import { encodeFunctionData, type Hash } from 'viem'
import { agentRegistryAbi } from '../../genesis/abi/agent-registry.ts'
import { AGENT_REGISTRY } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetAgentUriParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Leads to the registration file (ERC-8004), or is it: a data URI. */
  uri: string
}
export type SetAgentUriReturnType = Hash
export type SetAgentUriErrorType = NativeWriteErrorType

/**
 * Changes where an agent’s registration file is; its owner and who may act for it may. Goes through the Agent
 * Registry. Returns the transaction’s hash.
 *
 * @example
 * const hash = await setAgentUri(client, { agent, uri: 'ipfs://…' })
 */
export async function setAgentUri(
  client: NativeClient,
  parameters: SetAgentUriParameters,
): Promise<SetAgentUriReturnType> {
  const { agent, uri, ...options } = parameters
  const functionName = 'setAgentURI'
  const data = encodeFunctionData({ abi: agentRegistryAbi, functionName, args: [agent, uri] })
  const through = { address: AGENT_REGISTRY, functionName }
  return sendNative(client, options, { contract: 'agents', data, through })
}
