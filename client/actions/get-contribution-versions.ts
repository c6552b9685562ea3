import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetContributionVersionsParameters = {
  /** Contribution id. */
  contribution: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetContributionVersionsReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'versionsOf'>
export type GetContributionVersionsErrorType = NativeContractError | ReadContractErrorType

/**
 * The contributions before and after one in its line of versions: [previous, next], 0 where there is none.
 *
 * @example
 * const [previous, next] = await getContributionVersions(client, { contribution: 7n })
 */
export async function getContributionVersions(
  client: NativeClient,
  parameters: GetContributionVersionsParameters,
): Promise<GetContributionVersionsReturnType> {
  const { contribution, blockNumber } = parameters
  return namingErrors('datanets', 'versionsOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'versionsOf',
      args: [contribution],
      blockNumber,
    }),
  )
}
