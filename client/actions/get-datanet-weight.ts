import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetDatanetWeightParameters = {
  datanet: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetDatanetWeightReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'weightOf'>
export type GetDatanetWeightErrorType = NativeContractError | ReadContractErrorType

/**
 * A Datanet's governed weight in the subsidy, in basis points.
 *
 * @example
 * const weightBps = await getDatanetWeight(client, { datanet: 1n })
 */
export async function getDatanetWeight(
  client: NativeClient,
  parameters: GetDatanetWeightParameters,
): Promise<GetDatanetWeightReturnType> {
  const { datanet, blockNumber } = parameters
  return namingErrors('datanets', 'weightOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'weightOf',
      args: [datanet],
      blockNumber,
    }),
  )
}
