import type { ContractFunctionReturnType, Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetClaimParameters = {
  /** Request id: protocol/request.ts of (channel, n). */
  request: Hex
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetClaimReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'claimOf'>
export type GetClaimErrorType = NativeContractError | ReadContractErrorType

/**
 * What a settlement credited: [hash of the claim’s bytes, `CLAIM_STATUS`].
 *
 * @example
 * const [claimHash, status] = await getClaim(client, { request })
 */
export async function getClaim(client: NativeClient, parameters: GetClaimParameters): Promise<GetClaimReturnType> {
  const { request, blockNumber } = parameters
  return namingErrors('attribution', 'claimOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'claimOf',
      args: [request],
      blockNumber,
    }),
  )
}
