import type { ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { gopenAbi } from '../../genesis/abi/governance.ts'
import { type Address, PREDEPLOYS } from '../../genesis/addresses.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetVotesParameters = {
  account: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
/** In wei: its votes, own and delegated ones, and the gOPEN that it holds. */
export type GetVotesReturnType = { votes: bigint; locked: bigint }
export type GetVotesErrorType = ReadContractErrorType

/**
 * Votes that an account has, and what it holds of gOPEN.
 *
 * @example
 * const { votes, locked } = await getVotes(client, { account })
 */
export async function getVotes(client: NativeClient, parameters: GetVotesParameters): Promise<GetVotesReturnType> {
  const { account, blockNumber } = parameters
  const gopen = { abi: gopenAbi, address: PREDEPLOYS.gopen, args: [account], blockNumber } as const
  const [votes, locked] = await Promise.all([
    readContract(client, { ...gopen, functionName: 'getVotes' }),
    readContract(client, { ...gopen, functionName: 'balanceOf' }),
  ])
  return { votes, locked }
}
