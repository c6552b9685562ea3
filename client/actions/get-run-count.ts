import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetRunCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetRunCountReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'runCount'>
export type GetRunCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many runs there are; ids run from 1 to it.
 *
 * @example
 * const count = await getRunCount(client)
 */
export async function getRunCount(
  client: NativeClient,
  parameters: GetRunCountParameters = {},
): Promise<GetRunCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('models', 'runCount', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'runCount',
      blockNumber,
    }),
  )
}
