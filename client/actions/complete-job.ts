import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type CompleteJobParameters = WriteOptions & {
  /** Job id. */
  job: bigint
  /** Commits to the result (32 bytes). */
  resultHash: Hex
}
export type CompleteJobReturnType = Hash
export type CompleteJobErrorType = NativeWriteErrorType

/**
 * Shows the hash of a job’s result by its deadline; the agent’s wallet or owner may. Returns the transaction’s hash.
 *
 * @example
 * const hash = await completeJob(client, { job, resultHash })
 */
export async function completeJob(
  client: NativeClient,
  parameters: CompleteJobParameters,
): Promise<CompleteJobReturnType> {
  const { job, resultHash, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'completeJob', args: [job, resultHash] })
  return sendNative(client, options, { contract: 'agents', data })
}
