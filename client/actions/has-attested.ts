import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type HasAttestedParameters = {
  /** Version id, from 1. */
  version: bigint
  /** Who may have attested. */
  validator: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type HasAttestedReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'hasAttested'>
export type HasAttestedErrorType = NativeContractError | ReadContractErrorType

/**
 * Whether a validator has attested a version.
 *
 * @example
 * const attested = await hasAttested(client, { version: 1n, validator })
 */
export async function hasAttested(
  client: NativeClient,
  parameters: HasAttestedParameters,
): Promise<HasAttestedReturnType> {
  const { version, validator, blockNumber } = parameters
  return namingErrors('models', 'hasAttested', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'hasAttested',
      args: [version, validator],
      blockNumber,
    }),
  )
}
