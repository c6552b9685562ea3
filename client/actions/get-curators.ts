import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetCuratorsParameters = {
  /** Datanet id. */
  datanet: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetCuratorsReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'curatorsOf'>
export type GetCuratorsErrorType = NativeContractError | ReadContractErrorType

/**
 * The curators of a Datanet; none where it is not curated.
 *
 * @example
 * const curators = await getCurators(client, { datanet: 1n })
 */
export async function getCurators(
  client: NativeClient,
  parameters: GetCuratorsParameters,
): Promise<GetCuratorsReturnType> {
  const { datanet, blockNumber } = parameters
  return namingErrors('datanets', 'curatorsOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'curatorsOf',
      args: [datanet],
      blockNumber,
    }),
  )
}
