import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetDatanetParameters = {
  /** Datanet id, from 1. */
  datanet: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetDatanetReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'getDatanet'>
export type GetDatanetErrorType = NativeContractError | ReadContractErrorType

/**
 * A Datanet: owner, licence, counts of contributions and clusters, and share tokens.
 *
 * @example
 * const { name, contributions } = await getDatanet(client, { datanet: 1n })
 */
export async function getDatanet(
  client: NativeClient,
  parameters: GetDatanetParameters,
): Promise<GetDatanetReturnType> {
  const { datanet, blockNumber } = parameters
  return namingErrors('datanets', 'getDatanet', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'getDatanet',
      args: [datanet],
      blockNumber,
    }),
  )
}
