import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetSeatsParameters = {
  /** A round’s id. */
  round: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetSeatsReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'seatsOf'>
export type GetSeatsErrorType = NativeContractError | ReadContractErrorType

/**
 * Who holds the seats of a round, and how many each.
 *
 * @example
 * const [holders, seats] = await getSeats(client, { round: 1n })
 */
export async function getSeats(client: NativeClient, parameters: GetSeatsParameters): Promise<GetSeatsReturnType> {
  const { round, blockNumber } = parameters
  return namingErrors('attribution', 'seatsOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'seatsOf',
      args: [round],
      blockNumber,
    }),
  )
}
