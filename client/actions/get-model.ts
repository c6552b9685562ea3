import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetModelParameters = {
  /** Model id, from 1. */
  model: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetModelReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'getModel'>
export type GetModelErrorType = NativeContractError | ReadContractErrorType

/**
 * A model: owner, base, Datanets, and prices in wei per 1,000 tokens of prompt and answer.
 *
 * @example
 * const { pricePer1kIn } = await getModel(client, { model: 1n })
 */
export async function getModel(client: NativeClient, parameters: GetModelParameters): Promise<GetModelReturnType> {
  const { model, blockNumber } = parameters
  return namingErrors('models', 'getModel', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'getModel',
      args: [model],
      blockNumber,
    }),
  )
}
