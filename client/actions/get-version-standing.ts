import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetVersionStandingParameters = {
  /** Version id, from 1. */
  version: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetVersionStandingReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'standingOf'>
export type GetVersionStandingErrorType = NativeContractError | ReadContractErrorType

/**
 * Whether a version has failed or been retired (seconds since 1970, or 0), its bond in wei, and how many open disputes hold it.
 *
 * @example
 * const { failedAt, bond } = await getVersionStanding(client, { version: 1n })
 */
export async function getVersionStanding(
  client: NativeClient,
  parameters: GetVersionStandingParameters,
): Promise<GetVersionStandingReturnType> {
  const { version, blockNumber } = parameters
  return namingErrors('models', 'standingOf', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'standingOf',
      args: [version],
      blockNumber,
    }),
  )
}
