import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetAgentParameters = {
  /** Agent id. */
  agent: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetAgentReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'getAgent'>
export type GetAgentErrorType = NativeContractError | ReadContractErrorType

/**
 * An agent: owner, wallet, balance, stake, limit and what its period has spent.
 *
 * @example
 * const { balance, wallet } = await getAgent(client, { agent })
 */
export async function getAgent(client: NativeClient, parameters: GetAgentParameters): Promise<GetAgentReturnType> {
  const { agent, blockNumber } = parameters
  return namingErrors('agents', 'getAgent', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'getAgent',
      args: [agent],
      blockNumber,
    }),
  )
}
