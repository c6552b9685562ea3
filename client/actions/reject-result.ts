import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type RejectResultParameters = WriteOptions & {
  /** Job id. */
  job: bigint
}
export type RejectResultReturnType = Hash
export type RejectResultErrorType = NativeWriteErrorType

/**
 * Rejects the result of a completed job within `jobReviewPeriod`; its client may. Each side gets half the fee. Returns the transaction’s hash.
 *
 * @example
 * const hash = await rejectResult(client, { job })
 */
export async function rejectResult(
  client: NativeClient,
  parameters: RejectResultParameters,
): Promise<RejectResultReturnType> {
  const { job, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'rejectResult', args: [job] })
  return sendNative(client, options, { contract: 'agents', data })
}
