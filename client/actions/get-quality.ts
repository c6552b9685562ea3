import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetQualityParameters = {
  /** Version id, from 1. */
  version: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetQualityReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'qualityOf'>
export type GetQualityErrorType = NativeContractError | ReadContractErrorType

/**
 * A version's last quality record, in force (`acceptedAt` above 0) or not. What counts is getVersion's `qualityBps`.
 *
 * @example
 * const { record, attestedStake } = await getQuality(client, { version: 1n })
 */
export async function getQuality(
  client: NativeClient,
  parameters: GetQualityParameters,
): Promise<GetQualityReturnType> {
  const { version, blockNumber } = parameters
  return namingErrors('models', 'qualityOf', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'qualityOf',
      args: [version],
      blockNumber,
    }),
  )
}
