import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type CuratorIncomeOfParameters = {
  /** Datanet id. */
  datanet: bigint
  /** Who curates, or did. */
  curator: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type CuratorIncomeOfReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'curatorIncomeOf'>
export type CuratorIncomeOfErrorType = NativeContractError | ReadContractErrorType

/**
 * Wei that a curator of a Datanet may withdraw.
 *
 * @example
 * const wei = await curatorIncomeOf(client, { datanet: 1n, curator })
 */
export async function curatorIncomeOf(
  client: NativeClient,
  parameters: CuratorIncomeOfParameters,
): Promise<CuratorIncomeOfReturnType> {
  const { datanet, curator, blockNumber } = parameters
  return namingErrors('attribution', 'curatorIncomeOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'curatorIncomeOf',
      args: [datanet, curator],
      blockNumber,
    }),
  )
}
