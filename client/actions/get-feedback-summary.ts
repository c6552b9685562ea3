import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetFeedbackSummaryParameters = {
  /** Agent id. */
  agent: bigint
  /** Whose feedback counts: 1 to 256. */
  clients: readonly Address[]
  /** Only feedback with this tag. */
  tag1?: string
  /** Only feedback with this tag. */
  tag2?: string
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetFeedbackSummaryReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'getSummary'>
export type GetFeedbackSummaryErrorType = NativeContractError | ReadContractErrorType

/**
 * How many times the named clients have given an agent feedback that they have not revoked, and the mean (ERC-8004): `[count, value, decimals]`.
 *
 * @example
 * const [count, value, decimals] = await getFeedbackSummary(client, { agent, clients })
 */
export async function getFeedbackSummary(
  client: NativeClient,
  parameters: GetFeedbackSummaryParameters,
): Promise<GetFeedbackSummaryReturnType> {
  const { agent, clients, tag1 = '', tag2 = '', blockNumber } = parameters
  return namingErrors('agents', 'getSummary', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'getSummary',
      args: [agent, clients, tag1, tag2],
      blockNumber,
    }),
  )
}
