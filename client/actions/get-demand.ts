import type { ContractFunctionReturnType, Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetDemandParameters = {
  /** Request id: protocol/request.ts of (channel, n). */
  request: Hex
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetDemandReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'demandOf'>
export type GetDemandErrorType = NativeContractError | ReadContractErrorType

/**
 * The demand that a request be opened: who, bond in wei, deadline in seconds since 1970; zeros where there is none.
 *
 * @example
 * const { deadline } = await getDemand(client, { request })
 */
export async function getDemand(client: NativeClient, parameters: GetDemandParameters): Promise<GetDemandReturnType> {
  const { request, blockNumber } = parameters
  return namingErrors('attribution', 'demandOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'demandOf',
      args: [request],
      blockNumber,
    }),
  )
}
