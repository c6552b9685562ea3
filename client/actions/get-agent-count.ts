import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetAgentCountParameters = {
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetAgentCountReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'agentCount'>
export type GetAgentCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How many agents there are; their ids are 1 to this.
 *
 * @example
 * const count = await getAgentCount(client)
 */
export async function getAgentCount(
  client: NativeClient,
  parameters: GetAgentCountParameters = {},
): Promise<GetAgentCountReturnType> {
  const { blockNumber } = parameters
  return namingErrors('agents', 'agentCount', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'agentCount',
      blockNumber,
    }),
  )
}
