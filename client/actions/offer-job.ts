import { encodeFunctionData, type Hash, type Hex, type TransactionReceipt } from 'viem'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { onlyEvent } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type OfferJobParameters = WriteOptions & {
  /** Agent id. */
  agent: bigint
  /** Seconds since 1970: the last moment for a result, at most a year off. */
  deadline: bigint
  /** Commits to what is to be done (32 bytes). */
  jobHash: Hex
  /** Wei put in escrow. */
  fee: bigint
}
export type OfferJobReturnType = Hash
export type OfferJobErrorType = NativeWriteErrorType

/**
 * Offers an agent a job; the sender pays. {@link offeredJob} reads the id from the receipt. Returns the transaction’s hash.
 *
 * @example
 * const hash = await offerJob(client, { agent, deadline, jobHash, fee: parseEther('3') })
 */
export async function offerJob(client: NativeClient, parameters: OfferJobParameters): Promise<OfferJobReturnType> {
  const { agent, deadline, jobHash, fee, ...options } = parameters
  const data = encodeFunctionData({ abi: agentsAbi, functionName: 'offerJob', args: [agent, deadline, jobHash] })
  return sendNative(client, options, { contract: 'agents', data, value: fee })
}

/** Id of the job that an {@link offerJob} or offerJobFromAgent transaction offered. */
export function offeredJob(receipt: TransactionReceipt): bigint {
  return onlyEvent(receipt.logs, { abi: agentsAbi, contract: 'agents', eventName: 'JobOffered' }).args.jobId
}
