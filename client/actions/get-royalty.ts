import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetRoyaltyParameters = {
  /** Model id. */
  model: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetRoyaltyReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'royaltyOf'>
export type GetRoyaltyErrorType = NativeContractError | ReadContractErrorType

/**
 * What a resale of a model owes: [its creator, basis points, whether the creator has chosen].
 *
 * @example
 * const [creator, royaltyBps, chosen] = await getRoyalty(client, { model: 1n })
 */
export async function getRoyalty(
  client: NativeClient,
  parameters: GetRoyaltyParameters,
): Promise<GetRoyaltyReturnType> {
  const { model, blockNumber } = parameters
  return namingErrors('models', 'royaltyOf', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'royaltyOf',
      args: [model],
      blockNumber,
    }),
  )
}
