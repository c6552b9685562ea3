import type { ContractFunctionReturnType, Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetRoundOfParameters = {
  /** Request id, or protocol/challenge.ts’s `featureSubject`. */
  subject: Hex
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetRoundOfReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'roundOf'>
export type GetRoundOfErrorType = NativeContractError | ReadContractErrorType

/**
 * The latest round about a subject, and whether it is decided for good; 0 where there is none.
 *
 * @example
 * const [round, decided] = await getRoundOf(client, { subject })
 */
export async function getRoundOf(
  client: NativeClient,
  parameters: GetRoundOfParameters,
): Promise<GetRoundOfReturnType> {
  const { subject, blockNumber } = parameters
  return namingErrors('attribution', 'roundOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'roundOf',
      args: [subject],
      blockNumber,
    }),
  )
}
