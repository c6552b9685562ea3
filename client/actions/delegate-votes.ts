import type { Hash } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { type GovernanceWriteErrorType, sendGovernance } from '../governance-transaction.ts'
import type { NativeClient, WriteOptions } from '../native-transaction.ts'

export type DelegateVotesParameters = WriteOptions & {
  /** Who votes with the account's gOPEN from now on: itself, or somebody else. */
  delegatee: Address
}
export type DelegateVotesReturnType = Hash
export type DelegateVotesErrorType = GovernanceWriteErrorType

/**
 * Lets somebody vote with the account's gOPEN; oneself, to vote at all.
 *
 * @example
 * const hash = await delegateVotes(client, { delegatee: account.address })
 */
export async function delegateVotes(
  client: NativeClient,
  parameters: DelegateVotesParameters,
): Promise<DelegateVotesReturnType> {
  const { delegatee, ...options } = parameters
  return sendGovernance(client, options, { contract: 'gopen', functionName: 'delegate', args: [delegatee] })
}
