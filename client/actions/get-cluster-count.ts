import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetClusterCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetClusterCountReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'clusterCount'>
export type GetClusterCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many clusters, merged ones included there are; ids run from 1 to it.
 *
 * @example
 * const count = await getClusterCount(client)
 */
export async function getClusterCount(
  client: NativeClient,
  parameters: GetClusterCountParameters = {},
): Promise<GetClusterCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('datanets', 'clusterCount', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'clusterCount',
      blockNumber,
    }),
  )
}
