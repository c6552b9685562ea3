import type { Hash } from 'viem'
import { VOTE } from '../../genesis/abi/governance.ts'
import { type GovernanceWriteErrorType, sendGovernance } from '../governance-transaction.ts'
import type { NativeClient, WriteOptions } from '../native-transaction.ts'

export type CastVoteParameters = WriteOptions & {
  proposal: bigint
  vote: keyof typeof VOTE
  /** Goes on record with the vote; none where absent. */
  reason?: string
}
export type CastVoteReturnType = Hash
export type CastVoteErrorType = GovernanceWriteErrorType

/**
 * Votes on a proposal with the votes that the account had at its snapshot. Abstaining counts for the quorum alone.
 *
 * @example
 * const hash = await castVote(client, { proposal, vote: 'for' })
 */
export async function castVote(client: NativeClient, parameters: CastVoteParameters): Promise<CastVoteReturnType> {
  const { proposal, vote, reason, ...options } = parameters
  const args = reason === undefined ? [proposal, VOTE[vote]] : [proposal, VOTE[vote], reason]
  const functionName = reason === undefined ? 'castVote' : 'castVoteWithReason'
  return sendGovernance(client, options, { contract: 'governor', functionName, args })
}
