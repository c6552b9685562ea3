import { type Hash, keccak256, stringToBytes } from 'viem'
import { callLists, type GovernanceWriteErrorType, type Proposal, sendGovernance } from '../governance-transaction.ts'
import type { NativeClient, WriteOptions } from '../native-transaction.ts'

export type QueueProposalParameters = WriteOptions & Proposal
export type QueueProposalReturnType = Hash
export type QueueProposalErrorType = GovernanceWriteErrorType

/**
 * Puts a proposal that has won into the timelock, where it waits for its delay. Anybody may.
 *
 * @example
 * const hash = await queueProposal(client, { calls, description })
 */
export async function queueProposal(
  client: NativeClient,
  parameters: QueueProposalParameters,
): Promise<QueueProposalReturnType> {
  const { calls, description, ...options } = parameters
  const args = [...callLists(calls), keccak256(stringToBytes(description))]
  return sendGovernance(client, options, { contract: 'governor', functionName: 'queue', args })
}
