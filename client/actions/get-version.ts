import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetVersionParameters = {
  /** Version id, from 1. */
  version: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetVersionReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'getVersion'>
export type GetVersionErrorType = NativeContractError | ReadContractErrorType

/**
 * A published version: its roots, row count, median scale, attested stake, and when it is live (seconds since 1970; 0 where not yet).
 *
 * @example
 * const { featureRoot, rows } = await getVersion(client, { version: 1n })
 */
export async function getVersion(
  client: NativeClient,
  parameters: GetVersionParameters,
): Promise<GetVersionReturnType> {
  const { version, blockNumber } = parameters
  return namingErrors('models', 'getVersion', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'getVersion',
      args: [version],
      blockNumber,
    }),
  )
}
