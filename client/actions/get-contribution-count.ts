import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetContributionCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetContributionCountReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'contributionCount'>
export type GetContributionCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many contributions, proposals included there are; ids run from 1 to it.
 *
 * @example
 * const count = await getContributionCount(client)
 */
export async function getContributionCount(
  client: NativeClient,
  parameters: GetContributionCountParameters = {},
): Promise<GetContributionCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('datanets', 'contributionCount', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'contributionCount',
      blockNumber,
    }),
  )
}
