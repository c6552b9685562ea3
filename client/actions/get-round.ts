import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetRoundParameters = {
  /** A round’s id. */
  round: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetRoundReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'getRound'>
export type GetRoundErrorType = NativeContractError | ReadContractErrorType

/**
 * A challenge 4: who and what, its status (`ROUND_STATUS`), its bonds in wei, its times and the counts of its votes.
 *
 * @example
 * const { status, drawAt } = await getRound(client, { round: 1n })
 */
export async function getRound(client: NativeClient, parameters: GetRoundParameters): Promise<GetRoundReturnType> {
  const { round, blockNumber } = parameters
  return namingErrors('attribution', 'getRound', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'getRound',
      args: [round],
      blockNumber,
    }),
  )
}
