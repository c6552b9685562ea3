import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetOwnedModelCountParameters = {
  owner: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetOwnedModelCountReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'modelCountOf'>
export type GetOwnedModelCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many models an account owns.
 *
 * @example
 * const count = await getOwnedModelCount(client, { owner })
 */
export async function getOwnedModelCount(
  client: NativeClient,
  parameters: GetOwnedModelCountParameters,
): Promise<GetOwnedModelCountReturnType> {
  const { owner, blockNumber } = parameters
  return namingErrors('models', 'modelCountOf', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'modelCountOf',
      args: [owner],
      blockNumber,
    }),
  )
}
