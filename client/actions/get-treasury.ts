import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetTreasuryParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetTreasuryReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'treasury'>
export type GetTreasuryErrorType = NativeContractError | ReadContractErrorType

/**
 * Wei that the treasury holds.
 *
 * @example
 * const wei = await getTreasury(client)
 */
export async function getTreasury(
  client: NativeClient,
  parameters: GetTreasuryParameters = {},
): Promise<GetTreasuryReturnType> {
  const { blockNumber } = parameters
  return namingErrors('attribution', 'treasury', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'treasury',
      blockNumber,
    }),
  )
}
