import type { ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { parametersAbi } from '../../genesis/abi/parameters.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { PARAMETERS, type ParameterName } from '../../genesis/parameters.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetParameterParameters = {
  /** Name in genesis/parameters.ts, where its unit stands. */
  name: ParameterName
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetParameterReturnType = bigint
export type GetParameterErrorType = NativeContractError | ReadContractErrorType

/**
 * A governed number of the ledger.
 *
 * @example
 * const wei = await getParameter(client, { name: 'commitBond' })
 */
export async function getParameter(
  client: NativeClient,
  parameters: GetParameterParameters,
): Promise<GetParameterReturnType> {
  const { name, blockNumber } = parameters
  const args = [PARAMETERS[name].id] as const
  return namingErrors('parameters', 'get', () =>
    readContract(client, { abi: parametersAbi, address: NATIVE.parameters, functionName: 'get', args, blockNumber }),
  )
}
