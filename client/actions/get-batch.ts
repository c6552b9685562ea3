import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetBatchParameters = {
  batch: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetBatchReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'getBatch'>
export type GetBatchErrorType = NativeContractError | ReadContractErrorType

/**
 * A batch: who made it, its root and fees in wei, what a draw pays, and which draws are open (a bit each). Zeros where there is none.
 *
 * @example
 * const { perDraw, open, deadline } = await getBatch(client, { batch: 1n })
 */
export async function getBatch(client: NativeClient, parameters: GetBatchParameters): Promise<GetBatchReturnType> {
  const { batch, blockNumber } = parameters
  return namingErrors('attribution', 'getBatch', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'getBatch',
      args: [batch],
      blockNumber,
    }),
  )
}
