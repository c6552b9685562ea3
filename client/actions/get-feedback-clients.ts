import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetFeedbackClientsParameters = {
  /** Agent id. */
  agent: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetFeedbackClientsReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'getClients'>
export type GetFeedbackClientsErrorType = NativeContractError | ReadContractErrorType

/**
 * Who has given an agent feedback (ERC-8004).
 *
 * @example
 * const clients = await getFeedbackClients(client, { agent })
 */
export async function getFeedbackClients(
  client: NativeClient,
  parameters: GetFeedbackClientsParameters,
): Promise<GetFeedbackClientsReturnType> {
  const { agent, blockNumber } = parameters
  return namingErrors('agents', 'getClients', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'getClients',
      args: [agent],
      blockNumber,
    }),
  )
}
