import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetLastFeedbackIndexParameters = {
  /** Agent id. */
  agent: bigint
  /** Who gave it. */
  clientAddress: Address
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetLastFeedbackIndexReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'getLastIndex'>
export type GetLastFeedbackIndexErrorType = NativeContractError | ReadContractErrorType

/**
 * How often a client has given an agent feedback (ERC-8004): the index of the last.
 *
 * @example
 * const index = await getLastFeedbackIndex(client, { agent, clientAddress })
 */
export async function getLastFeedbackIndex(
  client: NativeClient,
  parameters: GetLastFeedbackIndexParameters,
): Promise<GetLastFeedbackIndexReturnType> {
  const { agent, clientAddress, blockNumber } = parameters
  return namingErrors('agents', 'getLastIndex', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'getLastIndex',
      args: [agent, clientAddress],
      blockNumber,
    }),
  )
}
