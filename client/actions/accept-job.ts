import { encodeFunctionData, type Hash } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type AcceptJobParameters = WriteOptions & {
  /** Job id. */
  job: bigint
}
export type AcceptJobReturnType = Hash
export type AcceptJobErrorType = NativeWriteErrorType

/**
 * Accepts a job; the agent’s wallet or owner may. Locks a part of the stake until there is a result. Returns the transaction’s hash.
 *
 * @example
 * const hash = await acceptJob(client, { job })
 */
export async function acceptJob(client: NativeClient, parameters: AcceptJobParameters): Promise<AcceptJobReturnType> {
  const { job, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'acceptJob', args: [job] })
  return sendNative(client, options, { contract: 'agents', data })
}
