import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetContributionParameters = {
  /** Contribution id, from 1. */
  contribution: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetContributionReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'getContribution'>
export type GetContributionErrorType = NativeContractError | ReadContractErrorType

/**
 * A contribution: Datanet, cluster, contributor, status (`CONTRIBUTION_STATUS`), content hash and size in bytes.
 *
 * @example
 * const { contributor, contentHash } = await getContribution(client, { contribution: 7n })
 */
export async function getContribution(
  client: NativeClient,
  parameters: GetContributionParameters,
): Promise<GetContributionReturnType> {
  const { contribution, blockNumber } = parameters
  return namingErrors('datanets', 'getContribution', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'getContribution',
      args: [contribution],
      blockNumber,
    }),
  )
}
