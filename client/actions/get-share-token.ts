import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetShareTokenParameters = {
  /** Datanet id. */
  datanet: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetShareTokenReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'shareTokenOf'>
export type GetShareTokenErrorType = NativeContractError | ReadContractErrorType

/**
 * Where a Datanet’s share token (ERC-20) lies, or would: {@link createShareToken} deploys it.
 *
 * @example
 * const token = await getShareToken(client, { datanet: 1n })
 */
export async function getShareToken(
  client: NativeClient,
  parameters: GetShareTokenParameters,
): Promise<GetShareTokenReturnType> {
  const { datanet, blockNumber } = parameters
  return namingErrors('datanets', 'shareTokenOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'shareTokenOf',
      args: [datanet],
      blockNumber,
    }),
  )
}
