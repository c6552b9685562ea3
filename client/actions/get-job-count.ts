import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetJobCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetJobCountReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'jobCount'>
export type GetJobCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many jobs have been offered; their ids are 1 to this.
 *
 * @example
 * const count = await getJobCount(client)
 */
export async function getJobCount(
  client: NativeClient,
  parameters: GetJobCountParameters = {},
): Promise<GetJobCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('agents', 'jobCount', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'jobCount',
      blockNumber,
    }),
  )
}
