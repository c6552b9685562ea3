import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetSettledRequestParameters = {
  /** From 0, in the order of settlement. */
  index: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetSettledRequestReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'requestAt'>
export type GetSettledRequestErrorType = NativeContractError | ReadContractErrorType

/**
 * The id of a settled request; 32 zero bytes where there is none yet.
 *
 * @example
 * const request = await getSettledRequest(client, { index: 0n })
 */
export async function getSettledRequest(
  client: NativeClient,
  parameters: GetSettledRequestParameters,
): Promise<GetSettledRequestReturnType> {
  const { index, blockNumber } = parameters
  return namingErrors('attribution', 'requestAt', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'requestAt',
      args: [index],
      blockNumber,
    }),
  )
}
