import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type StepsAtPublicationParameters = {
  /** Version id, from 1. */
  version: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type StepsAtPublicationReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'stepsAtPublication'>
export type StepsAtPublicationErrorType = NativeContractError | ReadContractErrorType

/**
 * How many steps of its run were on record when a version was published: the checkpoint that it comes from is the one
 * of step number `steps − 1`, and a dispute about the version concerns these steps only.
 *
 * @example
 * const steps = await stepsAtPublication(client, { version: 1n })
 * const final = steps > 0 ? await getStep(client, { run, index: steps - 1 }) : undefined
 */
export async function stepsAtPublication(
  client: NativeClient,
  parameters: StepsAtPublicationParameters,
): Promise<StepsAtPublicationReturnType> {
  const { version, blockNumber } = parameters
  return namingErrors('models', 'stepsAtPublication', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'stepsAtPublication',
      args: [version],
      blockNumber,
    }),
  )
}
