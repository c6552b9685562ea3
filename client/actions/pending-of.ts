import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type PendingOfParameters = {
  /** Who is paid. */
  recipient: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type PendingOfReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'pendingOf'>
export type PendingOfErrorType = NativeContractError | ReadContractErrorType

/**
 * Wei that wait for maturity for a recipient.
 *
 * @example
 * const wei = await pendingOf(client, { recipient })
 */
export async function pendingOf(client: NativeClient, parameters: PendingOfParameters): Promise<PendingOfReturnType> {
  const { recipient, blockNumber } = parameters
  return namingErrors('attribution', 'pendingOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'pendingOf',
      args: [recipient],
      blockNumber,
    }),
  )
}
