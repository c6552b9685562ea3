import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type IsAdmittedParameters = {
  /** Datanet id. */
  datanet: bigint
  /** Who would contribute. */
  contributor: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type IsAdmittedReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'isAdmitted'>
export type IsAdmittedErrorType = NativeContractError | ReadContractErrorType

/**
 * Whether the owner of a permissioned Datanet has admitted a contributor.
 *
 * @example
 * const admitted = await isAdmitted(client, { datanet: 1n, contributor })
 */
export async function isAdmitted(
  client: NativeClient,
  parameters: IsAdmittedParameters,
): Promise<IsAdmittedReturnType> {
  const { datanet, contributor, blockNumber } = parameters
  return namingErrors('datanets', 'isAdmitted', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'isAdmitted',
      args: [datanet, contributor],
      blockNumber,
    }),
  )
}
