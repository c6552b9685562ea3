import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type ReadFeedbackParameters = {
  /** Agent id. */
  agent: bigint
  /** Who gave it. */
  clientAddress: Address
  /** That client’s index, from 1. */
  index: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type ReadFeedbackReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'readFeedback'>
export type ReadFeedbackErrorType = NativeContractError | ReadContractErrorType

/**
 * One feedback (ERC-8004): `[value, decimals, tag1, tag2, isRevoked]`.
 *
 * @example
 * const [value, decimals] = await readFeedback(client, { agent, clientAddress, index: 1n })
 */
export async function readFeedback(
  client: NativeClient,
  parameters: ReadFeedbackParameters,
): Promise<ReadFeedbackReturnType> {
  const { agent, clientAddress, index, blockNumber } = parameters
  return namingErrors('agents', 'readFeedback', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'readFeedback',
      args: [agent, clientAddress, index],
      blockNumber,
    }),
  )
}
