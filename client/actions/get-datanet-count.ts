import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetDatanetCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetDatanetCountReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'datanetCount'>
export type GetDatanetCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many Datanets there are; ids run from 1 to it.
 *
 * @example
 * const count = await getDatanetCount(client)
 */
export async function getDatanetCount(
  client: NativeClient,
  parameters: GetDatanetCountParameters = {},
): Promise<GetDatanetCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('datanets', 'datanetCount', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'datanetCount',
      blockNumber,
    }),
  )
}
