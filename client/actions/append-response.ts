import { encodeFunctionData, type Hash, type Hex, zeroHash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type AppendResponseParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Who gave the feedback. */
  clientAddress: Address
  /** That client’s index, from 1. */
  index: bigint
  responseURI: string
  /** keccak256 of what the URI leads to; zeros where absent. */
  responseHash?: Hex
}
export type AppendResponseReturnType = Hash
export type AppendResponseErrorType = NativeWriteErrorType

/**
 * Answers feedback that an agent was given (ERC-8004); anybody may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await appendResponse(client, { agent, clientAddress, index: 1n, responseURI })
 */
export async function appendResponse(
  client: NativeClient,
  parameters: AppendResponseParameters,
): Promise<AppendResponseReturnType> {
  const { agent, clientAddress, index, responseURI, responseHash = zeroHash, ...options } = parameters
  const data = encodeFunctionData({
    abi: agentsAbi,
    functionName: 'appendResponse',
    args: [agent, clientAddress, index, responseURI, responseHash],
  })
  return sendNative(client, options, { contract: 'agents', data })
}
