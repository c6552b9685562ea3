import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetLicenceParameters = {
  /** Datanet id. */
  datanet: bigint
  /** Model id. */
  model: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetLicenceReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'licenceOf'>
export type GetLicenceErrorType = NativeContractError | ReadContractErrorType

/**
 * The licence that a model has to a Datanet: rows, expiry (seconds since 1970, 0 never), basis points of revenue; all 0 where none was bought.
 *
 * @example
 * const { rows, expiresAt } = await getLicence(client, { datanet: 1n, model: 1n })
 */
export async function getLicence(
  client: NativeClient,
  parameters: GetLicenceParameters,
): Promise<GetLicenceReturnType> {
  const { datanet, model, blockNumber } = parameters
  return namingErrors('datanets', 'licenceOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'licenceOf',
      args: [datanet, model],
      blockNumber,
    }),
  )
}
