import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetBaseParameters = {
  /** Base id, from 1. */
  base: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetBaseReturnType = ContractFunctionReturnType<typeof modelsAbi, 'view', 'getBase'>
export type GetBaseErrorType = NativeContractError | ReadContractErrorType

/**
 * A base model: registrant, hashes of weights and tokenizer, architecture, and where the weights lie.
 *
 * @example
 * const { weightsHash, uri } = await getBase(client, { base: 1n })
 */
export async function getBase(client: NativeClient, parameters: GetBaseParameters): Promise<GetBaseReturnType> {
  const { base, blockNumber } = parameters
  return namingErrors('models', 'getBase', () =>
    readContract(client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'getBase',
      args: [base],
      blockNumber,
    }),
  )
}
