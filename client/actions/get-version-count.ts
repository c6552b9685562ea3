import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetVersionCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetVersionCountReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'versionCount'>
export type GetVersionCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many versions there are; ids run from 1 to it.
 *
 * @example
 * const count = await getVersionCount(client)
 */
export async function getVersionCount(
  client: NativeClient,
  parameters: GetVersionCountParameters = {},
): Promise<GetVersionCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('models', 'versionCount', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'versionCount',
      blockNumber,
    }),
  )
}
