import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetPricesParameters = {
  /** Model id, from 1. */
  model: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetPricesReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'pricesOf'>
export type GetPricesErrorType = NativeContractError | ReadContractErrorType

/**
 * What a model asks per 1,000 tokens, in wei, and what it has announced; `from` (seconds since 1970) is 0 where that is nothing new.
 *
 * @example
 * const { pricePer1kOut, nextPer1kOut, from } = await getPrices(client, { model: 1n })
 */
export async function getPrices(client: NativeClient, parameters: GetPricesParameters): Promise<GetPricesReturnType> {
  const { model, blockNumber } = parameters
  return namingErrors('models', 'pricesOf', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'pricesOf',
      args: [model],
      blockNumber,
    }),
  )
}
