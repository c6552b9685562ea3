import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type IncomeOfParameters = {
  /** Datanet id. */
  datanet: bigint
  /** Holder of share tokens. */
  holder: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type IncomeOfReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'incomeOf'>
export type IncomeOfErrorType = NativeContractError | ReadContractErrorType

/**
 * Wei that a holder of a Datanet’s share tokens may withdraw.
 *
 * @example
 * const wei = await incomeOf(client, { datanet: 1n, holder })
 */
export async function incomeOf(client: NativeClient, parameters: IncomeOfParameters): Promise<IncomeOfReturnType> {
  const { datanet, holder, blockNumber } = parameters
  return namingErrors('attribution', 'incomeOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'incomeOf',
      args: [datanet, holder],
      blockNumber,
    }),
  )
}
