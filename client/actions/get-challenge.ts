import type { ContractFunctionReturnType, Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetChallengeParameters = {
  /** Who committed. */
  challenger: Address
  /** 32 bytes that {@link commitChallenge} was given. */
  commitment: Hex
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetChallengeReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'challengeOf'>
export type GetChallengeErrorType = NativeContractError | ReadContractErrorType

/**
 * An open commitment to a challenge: [its block, bond in wei]; zeros where there is none.
 *
 * @example
 * const [committedIn, bond] = await getChallenge(client, { challenger, commitment })
 */
export async function getChallenge(
  client: NativeClient,
  parameters: GetChallengeParameters,
): Promise<GetChallengeReturnType> {
  const { challenger, commitment, blockNumber } = parameters
  return namingErrors('attribution', 'challengeOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'challengeOf',
      args: [challenger, commitment],
      blockNumber,
    }),
  )
}
