import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type AcceptResultParameters = WriteOptions & {
  /** Job id. */
  job: bigint
}
export type AcceptResultReturnType = Hash
export type AcceptResultErrorType = NativeWriteErrorType

/**
 * Pays the agent for a completed job; its client may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await acceptResult(client, { job })
 */
export async function acceptResult(
  client: NativeClient,
  parameters: AcceptResultParameters,
): Promise<AcceptResultReturnType> {
  const { job, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'acceptResult', args: [job] })
  return sendNative(client, options, { contract: 'agents', data })
}
