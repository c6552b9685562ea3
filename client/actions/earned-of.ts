import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type EarnedOfParameters = {
  /** Who is paid. */
  recipient: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type EarnedOfReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'earnedOf'>
export type EarnedOfErrorType = NativeContractError | ReadContractErrorType

/**
 * Wei that a recipient has been credited at maturity, all together.
 *
 * @example
 * const wei = await earnedOf(client, { recipient })
 */
export async function earnedOf(client: NativeClient, parameters: EarnedOfParameters): Promise<EarnedOfReturnType> {
  const { recipient, blockNumber } = parameters
  return namingErrors('attribution', 'earnedOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'earnedOf',
      args: [recipient],
      blockNumber,
    }),
  )
}
