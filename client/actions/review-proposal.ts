import { encodeFunctionData, type Hash } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ReviewProposalParameters = WriteOptions & {
  /** Contribution id of a proposal. */
  contribution: bigint
  accept: boolean
}
export type ReviewProposalReturnType = Hash
export type ReviewProposalErrorType = NativeWriteErrorType

/**
 * Votes on a proposal, as a staked curator of its Datanet and once. The vote that completes the quorum accepts or rejects it; a
 * rejected proposal loses its bond to the treasury.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await reviewProposal(curator, { contribution: 7n, accept: true })
 */
export async function reviewProposal(
  client: NativeClient,
  parameters: ReviewProposalParameters,
): Promise<ReviewProposalReturnType> {
  const { contribution, accept, ...options } = parameters
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'review', args: [contribution, accept] })
  return sendNative(client, options, { contract: 'datanets', data })
}
