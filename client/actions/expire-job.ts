import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ExpireJobParameters = WriteOptions & {
  /** Job id. */
  job: bigint
}
export type ExpireJobReturnType = Hash
export type ExpireJobErrorType = NativeWriteErrorType

/**
 * Ends a job whose time is over; anybody may. One not accepted, and one whose deadline the agent missed, go back to the client,
 * the latter with a part of the agent’s stake; a result that nobody rejected is paid. Returns the transaction’s hash.
 *
 * @example
 * const hash = await expireJob(client, { job })
 */
export async function expireJob(client: NativeClient, parameters: ExpireJobParameters): Promise<ExpireJobReturnType> {
  const { job, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'expireJob', args: [job] })
  return sendNative(client, options, { contract: 'agents', data })
}
