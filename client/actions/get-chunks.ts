import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetChunksParameters = {
  /** Contribution id. */
  contribution: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetChunksReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'chunksOf'>
export type GetChunksErrorType = NativeContractError | ReadContractErrorType

/**
 * Of a large content [how many chunks it has, how many were shown]; zeros where it is not chunked.
 *
 * @example
 * const [chunks, shown] = await getChunks(client, { contribution: 7n })
 */
export async function getChunks(client: NativeClient, parameters: GetChunksParameters): Promise<GetChunksReturnType> {
  const { contribution, blockNumber } = parameters
  return namingErrors('datanets', 'chunksOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'chunksOf',
      args: [contribution],
      blockNumber,
    }),
  )
}
