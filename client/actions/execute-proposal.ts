import { type Hash, keccak256, stringToBytes } from 'viem'
import { callLists, type GovernanceWriteErrorType, type Proposal, sendGovernance } from '../governance-transaction.ts'
import type { NativeClient, WriteOptions } from '../native-transaction.ts'

export type ExecuteProposalParameters = WriteOptions & Proposal
export type ExecuteProposalReturnType = Hash
export type ExecuteProposalErrorType = GovernanceWriteErrorType

/**
 * Lets the timelock make a proposal's calls, when its delay is over. Anybody may. All calls happen, or none; the
 * error of the one that failed is named.
 *
 * @example
 * const hash = await executeProposal(client, { calls, description })
 */
export async function executeProposal(
  client: NativeClient,
  parameters: ExecuteProposalParameters,
): Promise<ExecuteProposalReturnType> {
  const { calls, description, ...options } = parameters
  const args = [...callLists(calls), keccak256(stringToBytes(description))]
  return sendGovernance(client, options, { contract: 'governor', functionName: 'execute', args })
}
