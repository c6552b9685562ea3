import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetShareAccountParameters = {
  /** Datanet id. */
  datanet: bigint
  holder: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetShareAccountReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'shareAccountOf'>
export type GetShareAccountErrorType = NativeContractError | ReadContractErrorType

/**
 * What a holder of a Datanet’s shares has: [shares, of them bound to clusters and not transferable, shares that it owes].
 *
 * @example
 * const [shares, bound, debt] = await getShareAccount(client, { datanet: 1n, holder })
 */
export async function getShareAccount(
  client: NativeClient,
  parameters: GetShareAccountParameters,
): Promise<GetShareAccountReturnType> {
  const { datanet, holder, blockNumber } = parameters
  return namingErrors('datanets', 'shareAccountOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'shareAccountOf',
      args: [datanet, holder],
      blockNumber,
    }),
  )
}
