import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetMinhashParameters = {
  /** Contribution id. */
  contribution: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetMinhashReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'getMinhash'>
export type GetMinhashErrorType = NativeContractError | ReadContractErrorType

/**
 * The 32 MinHash values of a contribution, as the node computed them or as they were claimed.
 *
 * @example
 * const values = await getMinhash(client, { contribution: 7n })
 */
export async function getMinhash(
  client: NativeClient,
  parameters: GetMinhashParameters,
): Promise<GetMinhashReturnType> {
  const { contribution, blockNumber } = parameters
  return namingErrors('datanets', 'getMinhash', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'getMinhash',
      args: [contribution],
      blockNumber,
    }),
  )
}
