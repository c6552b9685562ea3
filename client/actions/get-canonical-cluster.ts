import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetCanonicalClusterParameters = {
  /** Cluster id, from 1. */
  cluster: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetCanonicalClusterReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'canonicalCluster'>
export type GetCanonicalClusterErrorType = NativeContractError | ReadContractErrorType

/**
 * The cluster that stands for a cluster: itself, until challenge 6 merges it into another.
 *
 * @example
 * const canonical = await getCanonicalCluster(client, { cluster: 3n })
 */
export async function getCanonicalCluster(
  client: NativeClient,
  parameters: GetCanonicalClusterParameters,
): Promise<GetCanonicalClusterReturnType> {
  const { cluster, blockNumber } = parameters
  return namingErrors('datanets', 'canonicalCluster', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'canonicalCluster',
      args: [cluster],
      blockNumber,
    }),
  )
}
