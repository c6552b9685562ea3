import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetReviewParameters = {
  /** Contribution id. */
  contribution: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetReviewReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'reviewOf'>
export type GetReviewErrorType = NativeContractError | ReadContractErrorType

/**
 * How the review of a proposal stands: votes, bond in wei, and when its contributor may take it back (seconds since 1970).
 *
 * @example
 * const { accepts, rejects } = await getReview(client, { contribution: 7n })
 */
export async function getReview(client: NativeClient, parameters: GetReviewParameters): Promise<GetReviewReturnType> {
  const { contribution, blockNumber } = parameters
  return namingErrors('datanets', 'reviewOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'reviewOf',
      args: [contribution],
      blockNumber,
    }),
  )
}
