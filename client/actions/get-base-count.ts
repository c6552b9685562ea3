import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetBaseCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetBaseCountReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'baseCount'>
export type GetBaseCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many base models there are; ids run from 1 to it.
 *
 * @example
 * const count = await getBaseCount(client)
 */
export async function getBaseCount(
  client: NativeClient,
  parameters: GetBaseCountParameters = {},
): Promise<GetBaseCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('models', 'baseCount', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'baseCount',
      blockNumber,
    }),
  )
}
