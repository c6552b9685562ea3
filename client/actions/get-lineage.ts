import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetLineageParameters = {
  /** Run id, from 1. */
  run: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetLineageReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'lineageOf'>
export type GetLineageErrorType = NativeContractError | ReadContractErrorType

/**
 * What a run builds on: [version that it was opened on, 0 where none; models above it, the nearest first, four at most].
 *
 * @example
 * const [parent, ancestors] = await getLineage(client, { run: 2n })
 */
export async function getLineage(
  client: NativeClient,
  parameters: GetLineageParameters,
): Promise<GetLineageReturnType> {
  const { run, blockNumber } = parameters
  return namingErrors('models', 'lineageOf', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'lineageOf',
      args: [run],
      blockNumber,
    }),
  )
}
