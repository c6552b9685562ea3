import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetModelCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetModelCountReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'modelCount'>
export type GetModelCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many models there are; ids run from 1 to it.
 *
 * @example
 * const count = await getModelCount(client)
 */
export async function getModelCount(
  client: NativeClient,
  parameters: GetModelCountParameters = {},
): Promise<GetModelCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('models', 'modelCount', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'modelCount',
      blockNumber,
    }),
  )
}
