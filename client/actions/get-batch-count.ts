import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetBatchCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetBatchCountReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'batchCount'>
export type GetBatchCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many batches were ever made; their ids count from 1.
 *
 * @example
 * const count = await getBatchCount(client)
 */
export async function getBatchCount(
  client: NativeClient,
  parameters: GetBatchCountParameters = {},
): Promise<GetBatchCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('attribution', 'batchCount', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'batchCount',
      blockNumber,
    }),
  )
}
