import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetBallotParameters = {
  /** A round’s id. */
  round: bigint
  /** Of the appeal’s vote; of the committee’s where false. */
  inAppeal: boolean
  voter: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetBallotReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'ballotOf'>
export type GetBallotErrorType = NativeContractError | ReadContractErrorType

/**
 * A ballot: commitment, revealed hash, weight (seats, or wei in an appeal) and the stake that it locks.
 *
 * @example
 * const { vote } = await getBallot(client, { round: 1n, inAppeal: false, voter })
 */
export async function getBallot(client: NativeClient, parameters: GetBallotParameters): Promise<GetBallotReturnType> {
  const { round, inAppeal, voter, blockNumber } = parameters
  return namingErrors('attribution', 'ballotOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'ballotOf',
      args: [round, inAppeal, voter],
      blockNumber,
    }),
  )
}
