import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetReleaseParameters = {
  /** Cluster id. */
  cluster: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetReleaseReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'releaseOf'>
export type GetReleaseErrorType = NativeContractError | ReadContractErrorType

/**
 * Whether a cluster’s share units have been released, and the second after which they may be.
 *
 * @example
 * const [released, releasableAt] = await getRelease(client, { cluster: 3n })
 */
export async function getRelease(
  client: NativeClient,
  parameters: GetReleaseParameters,
): Promise<GetReleaseReturnType> {
  const { cluster, blockNumber } = parameters
  return namingErrors('datanets', 'releaseOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'releaseOf',
      args: [cluster],
      blockNumber,
    }),
  )
}
