import { encodeFunctionData, type Hash, type Hex, parseEventLogs, type TransactionReceipt } from 'viem'
import { agentRegistryAbi } from '../../genesis/abi/agent-registry.ts'
import { AGENT_REGISTRY } from '../../genesis/addresses.ts'
import { EventMissingError, logsOf } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type RegisterAgentParameters = WriteOptions & {
  /** Leads to the registration file (ERC-8004), or is it: a data URI of at most 8,192 bytes. */
  uri?: string
  /** At most 16 values by their keys. */
  metadata?: Readonly<Record<string, Hex>>
}
export type RegisterAgentReturnType = Hash
export type RegisterAgentErrorType = NativeWriteErrorType

/**
 * Registers an agent at the Agent Registry; the sender owns it, and is its wallet until another is set. Returns the
 * transaction’s hash; {@link registeredAgent} reads the id from its receipt.
 *
 * @example
 * const hash = await registerAgent(client, { uri: 'ipfs://…' })
 * const agent = registeredAgent(await confirmTransaction(client, { hash }))
 */
export async function registerAgent(
  client: NativeClient,
  parameters: RegisterAgentParameters = {},
): Promise<RegisterAgentReturnType> {
  const { uri = '', metadata = {}, ...options } = parameters
  const entries = Object.entries(metadata).map(([metadataKey, metadataValue]) => ({ metadataKey, metadataValue }))
  const functionName = 'register'
  const data = encodeFunctionData({ abi: agentRegistryAbi, functionName, args: [uri, entries] })
  const through = { address: AGENT_REGISTRY, functionName }
  return sendNative(client, options, { contract: 'agents', data, through })
}

/** Id of the agent that a {@link registerAgent} transaction registered. Throws {@link EventMissingError}. */
export function registeredAgent(receipt: Pick<TransactionReceipt, 'logs'>): bigint {
  const logs = logsOf(receipt.logs, AGENT_REGISTRY)
  const [registered] = parseEventLogs({ abi: agentRegistryAbi, eventName: 'Registered', logs })
  if (!registered) throw new EventMissingError('Registered', 'agents')
  return registered.args.agentId
}
