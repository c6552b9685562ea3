import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { parametersAbi } from '../../genesis/abi/parameters.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetGovernorParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetGovernorReturnType = ContractFunctionReturnType<typeof parametersAbi, 'view', 'governor'>
export type GetGovernorErrorType = NativeContractError | ReadContractErrorType

/**
 * Who may set parameters.
 *
 * @example
 * const governor = await getGovernor(client)
 */
export async function getGovernor(
  client: NativeClient,
  parameters: GetGovernorParameters = {},
): Promise<GetGovernorReturnType> {
  const { blockNumber } = parameters
  return namingErrors('parameters', 'governor', () =>
    readContract(client, {
      abi: parametersAbi,
      address: NATIVE.parameters,
      functionName: 'governor',
      blockNumber,
    }),
  )
}
