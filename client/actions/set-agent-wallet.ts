import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { agentRegistryAbi } from '../../genesis/abi/agent-registry.ts'
import { type Address, AGENT_REGISTRY } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type SetAgentWalletParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** The key that will spend: its signature is signAgentWallet’s. */
  wallet: Address
  /** Seconds since 1970, at most five minutes off. */
  deadline: bigint
  signature: Hex
}
export type SetAgentWalletReturnType = Hash
export type SetAgentWalletErrorType = NativeWriteErrorType

/**
 * Gives an agent the wallet that spends its balance; its owner and who may act for it may, with the new wallet’s signature. Goes through the Agent
 * Registry. Returns the transaction’s hash.
 *
 * @example
 * const hash = await setAgentWallet(client, { agent, ...(await signAgentWallet(wallet, { agent, owner, deadline })) })
 */
export async function setAgentWallet(
  client: NativeClient,
  parameters: SetAgentWalletParameters,
): Promise<SetAgentWalletReturnType> {
  const { agent, wallet, deadline, signature, ...options } = parameters
  const functionName = 'setAgentWallet'
  const data = encodeFunctionData({ abi: agentRegistryAbi, functionName, args: [agent, wallet, deadline, signature] })
  const through = { address: AGENT_REGISTRY, functionName }
  return sendNative(client, options, { contract: 'agents', data, through })
}
