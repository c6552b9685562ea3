import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetDrawParameters = {
  batch: bigint
  /** From 0. */
  draw: number
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetDrawReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'drawOf'>
export type GetDrawErrorType = NativeContractError | ReadContractErrorType

/**
 * Which of a batch’s wei a draw names; `leafAt` (protocol/sum-tree.ts) tells whose they are. Fails with `DrawPending` while L1 has not drawn.
 *
 * @example
 * const index = leafAt(nodes, await getDraw(client, { batch: 1n, draw: 0 }))
 */
export async function getDraw(client: NativeClient, parameters: GetDrawParameters): Promise<GetDrawReturnType> {
  const { batch, draw, blockNumber } = parameters
  return namingErrors('attribution', 'drawOf', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'drawOf',
      args: [batch, draw],
      blockNumber,
    }),
  )
}
