import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetSettlementCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetSettlementCountReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'settlementCount'>
export type GetSettlementCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many requests were settled; {@link getSettledRequest} names them from 0 on.
 *
 * @example
 * const count = await getSettlementCount(client)
 */
export async function getSettlementCount(
  client: NativeClient,
  parameters: GetSettlementCountParameters = {},
): Promise<GetSettlementCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('attribution', 'settlementCount', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'settlementCount',
      blockNumber,
    }),
  )
}
