import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type IsVersionLiveParameters = {
  /** Version id, from 1. */
  version: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type IsVersionLiveReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'isLive'>
export type IsVersionLiveErrorType = NativeContractError | ReadContractErrorType

/**
 * Whether a version may be paid for: enough validators have attested it and its window has passed.
 *
 * @example
 * if (await isVersionLive(client, { version: 1n })) await ask()
 */
export async function isVersionLive(
  client: NativeClient,
  parameters: IsVersionLiveParameters,
): Promise<IsVersionLiveReturnType> {
  const { version, blockNumber } = parameters
  return namingErrors('models', 'isLive', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'isLive',
      args: [version],
      blockNumber,
    }),
  )
}
