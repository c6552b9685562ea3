import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type CancelJobParameters = WriteOptions & {
  /** Job id. */
  job: bigint
}
export type CancelJobReturnType = Hash
export type CancelJobErrorType = NativeWriteErrorType

/**
 * Takes back a job that has not been accepted, with its fee; its client may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await cancelJob(client, { job })
 */
export async function cancelJob(client: NativeClient, parameters: CancelJobParameters): Promise<CancelJobReturnType> {
  const { job, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'cancelJob', args: [job] })
  return sendNative(client, options, { contract: 'agents', data })
}
