import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetQualitySeedParameters = {
  /** Version id, from 1. */
  version: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetQualitySeedReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'qualitySeed'>
export type GetQualitySeedErrorType = NativeContractError | ReadContractErrorType

/**
 * The seed of a version's retrainings: zeros until L1 block `l1Number` has drawn it; `drawnAt` (seconds since 1970) is 0 until it is kept.
 *
 * @example
 * const { seed } = await getQualitySeed(client, { version: 1n })
 */
export async function getQualitySeed(
  client: NativeClient,
  parameters: GetQualitySeedParameters,
): Promise<GetQualitySeedReturnType> {
  const { version, blockNumber } = parameters
  return namingErrors('models', 'qualitySeed', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'qualitySeed',
      args: [version],
      blockNumber,
    }),
  )
}
