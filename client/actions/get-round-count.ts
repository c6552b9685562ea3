import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetRoundCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetRoundCountReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'roundCount'>
export type GetRoundCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many rounds of challenge 4 there were; ids from 1 on.
 *
 * @example
 * const count = await getRoundCount(client)
 */
export async function getRoundCount(
  client: NativeClient,
  parameters: GetRoundCountParameters = {},
): Promise<GetRoundCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('attribution', 'roundCount', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'roundCount',
      blockNumber,
    }),
  )
}
