import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetRowDemandParameters = {
  /** Version id. */
  version: bigint
  /** Index of the row. */
  row: number
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetRowDemandReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'rowDemandOf'>
export type GetRowDemandErrorType = NativeContractError | ReadContractErrorType

/**
 * The demand that a row be shown: who, bond in wei, deadline in seconds since 1970. Who is zero where it has ended, the deadline where there was none.
 *
 * @example
 * const { deadline } = await getRowDemand(client, { version: 1n, row: 17 })
 */
export async function getRowDemand(
  client: NativeClient,
  parameters: GetRowDemandParameters,
): Promise<GetRowDemandReturnType> {
  const { version, row, blockNumber } = parameters
  return namingErrors('attribution', 'rowDemandOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'rowDemandOf',
      args: [version, row],
      blockNumber,
    }),
  )
}
