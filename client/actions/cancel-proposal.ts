import { type Hash, keccak256, stringToBytes } from 'viem'
import { callLists, type GovernanceWriteErrorType, type Proposal, sendGovernance } from '../governance-transaction.ts'
import type { NativeClient, WriteOptions } from '../native-transaction.ts'

export type CancelProposalParameters = WriteOptions & Proposal
export type CancelProposalReturnType = Hash
export type CancelProposalErrorType = GovernanceWriteErrorType

/**
 * Takes a proposal back, by who made it, before its vote begins.
 *
 * @example
 * const hash = await cancelProposal(client, { calls, description })
 */
export async function cancelProposal(
  client: NativeClient,
  parameters: CancelProposalParameters,
): Promise<CancelProposalReturnType> {
  const { calls, description, ...options } = parameters
  const args = [...callLists(calls), keccak256(stringToBytes(description))]
  return sendGovernance(client, options, { contract: 'governor', functionName: 'cancel', args })
}
