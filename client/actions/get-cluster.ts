import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetClusterParameters = {
  /** Cluster id, from 1. */
  cluster: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetClusterReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'getCluster'>
export type GetClusterErrorType = NativeContractError | ReadContractErrorType

/**
 * A cluster of near-duplicates: its founder, the account that is paid for it, and whether the founder has withdrawn.
 *
 * @example
 * const { payee, members } = await getCluster(client, { cluster: 3n })
 */
export async function getCluster(
  client: NativeClient,
  parameters: GetClusterParameters,
): Promise<GetClusterReturnType> {
  const { cluster, blockNumber } = parameters
  return namingErrors('datanets', 'getCluster', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'getCluster',
      args: [cluster],
      blockNumber,
    }),
  )
}
