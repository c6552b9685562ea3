import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetRunParameters = {
  /** Run id, from 1. */
  run: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetRunReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'getRun'>
export type GetRunErrorType = NativeContractError | ReadContractErrorType

/**
 * A training run: model, manifest root, hyperparameters hash, seed, and Datanets with their basis-point weights.
 *
 * @example
 * const { manifestRoot, seed } = await getRun(client, { run: 1n })
 */
export async function getRun(client: NativeClient, parameters: GetRunParameters): Promise<GetRunReturnType> {
  const { run, blockNumber } = parameters
  return namingErrors('models', 'getRun', () =>
    readContract(client, { abi: modelsAbi, address: NATIVE.models, functionName: 'getRun', args: [run], blockNumber }),
  )
}
