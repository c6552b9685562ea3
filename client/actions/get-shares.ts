import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetSharesParameters = {
  /** Datanet id. */
  datanet: bigint
  /** Holder of share tokens. */
  holder: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetSharesReturnType = ContractFunctionReturnType<typeof datanetsAbi, 'view', 'sharesOf'>
export type GetSharesErrorType = NativeContractError | ReadContractErrorType

/**
 * Share tokens of a Datanet: [the holder’s, all].
 *
 * @example
 * const [shares, totalShares] = await getShares(client, { datanet: 1n, holder })
 */
export async function getShares(client: NativeClient, parameters: GetSharesParameters): Promise<GetSharesReturnType> {
  const { datanet, holder, blockNumber } = parameters
  return namingErrors('datanets', 'sharesOf', () =>
    readContract(client, {
      abi: datanetsAbi,
      address: NATIVE.datanets,
      functionName: 'sharesOf',
      args: [datanet, holder],
      blockNumber,
    }),
  )
}
