import type { ContractFunctionReturnType, Hex, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetSettlementParameters = {
  /** Request id: protocol/request.ts of (channel, n). */
  request: Hex
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetSettlementReturnType = ContractFunctionReturnType<typeof attributionAbi, 'view', 'getSettlement'>
export type GetSettlementErrorType = NativeContractError | ReadContractErrorType

/**
 * How a request was settled: prover, version, fee in wei, leaf hash, and when its payouts mature.
 *
 * @example
 * const { leafHash, maturesAt } = await getSettlement(client, { request: requestId(channel, 1n) })
 */
export async function getSettlement(
  client: NativeClient,
  parameters: GetSettlementParameters,
): Promise<GetSettlementReturnType> {
  const { request, blockNumber } = parameters
  return namingErrors('attribution', 'getSettlement', () =>
    readContract(client, {
      abi: attributionAbi,
      address: NATIVE.attribution,
      functionName: 'getSettlement',
      args: [request],
      blockNumber,
    }),
  )
}
