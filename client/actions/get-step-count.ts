import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetStepCountParameters = {
  /** Run id, from 1. */
  run: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetStepCountReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'stepCount'>
export type GetStepCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many steps of a run are on record.
 *
 * @example
 * const steps = await getStepCount(client, { run: 1n })
 */
export async function getStepCount(
  client: NativeClient,
  parameters: GetStepCountParameters,
): Promise<GetStepCountReturnType> {
  const { run, blockNumber } = parameters
  return namingErrors('models', 'stepCount', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'stepCount',
      args: [run],
      blockNumber,
    }),
  )
}
