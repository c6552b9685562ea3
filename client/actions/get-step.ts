import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetStepParameters = {
  /** Run id, from 1. */
  run: bigint
  /** Which of the run's recorded steps, from 0; the last where absent. */
  index?: number
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetStepReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'stepAt'>
export type GetStepErrorType = NativeContractError | ReadContractErrorType

/**
 * A recorded step of a run: step, loss, checkpoint hash, and when it was recorded. Throws `UnknownStep` where there is none.
 *
 * @example
 * const { step, checkpointHash } = await getStep(client, { run: 1n })
 */
export async function getStep(client: NativeClient, parameters: GetStepParameters): Promise<GetStepReturnType> {
  const { run, index, blockNumber } = parameters
  const at = { abi: modelsAbi, address: NATIVE.models, blockNumber } as const
  if (index === undefined)
    return namingErrors('models', 'lastStep', () =>
      readContract(client, { ...at, functionName: 'lastStep', args: [run] }),
    )
  return namingErrors('models', 'stepAt', () =>
    readContract(client, { ...at, functionName: 'stepAt', args: [run, index] }),
  )
}
