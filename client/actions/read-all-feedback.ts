import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type ReadAllFeedbackParameters = {
  /** Agent id. */
  agent: bigint
  /** Whose; everybody’s where absent. */
  clients?: readonly Address[]
  /** Only feedback with this tag. */
  tag1?: string
  /** Only feedback with this tag. */
  tag2?: string
  includeRevoked?: boolean
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type ReadAllFeedbackReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'readAllFeedback'>
export type ReadAllFeedbackErrorType = NativeContractError | ReadContractErrorType

/**
 * An agent’s feedback (ERC-8004), as seven lists of equal length: clients, indexes, values, decimals, tags, revoked.
 *
 * @example
 * const [clients, indexes, values] = await readAllFeedback(client, { agent })
 */
export async function readAllFeedback(
  client: NativeClient,
  parameters: ReadAllFeedbackParameters,
): Promise<ReadAllFeedbackReturnType> {
  const { agent, clients = [], tag1 = '', tag2 = '', includeRevoked = false, blockNumber } = parameters
  return namingErrors('agents', 'readAllFeedback', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'readAllFeedback',
      args: [agent, clients, tag1, tag2, includeRevoked],
      blockNumber,
    }),
  )
}
