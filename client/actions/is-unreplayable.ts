import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type IsUnreplayableParameters = {
  /** Run id, from 1. */
  run: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type IsUnreplayableReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'isUnreplayable'>
export type IsUnreplayableErrorType = NativeContractError | ReadContractErrorType

/**
 * Whether a run is flagged as one that the reference kernel cannot replay.
 *
 * @example
 * if (await isUnreplayable(client, { run: 3n })) return
 */
export async function isUnreplayable(
  client: NativeClient,
  parameters: IsUnreplayableParameters,
): Promise<IsUnreplayableReturnType> {
  const { run, blockNumber } = parameters
  return namingErrors('models', 'isUnreplayable', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'isUnreplayable',
      args: [run],
      blockNumber,
    }),
  )
}
