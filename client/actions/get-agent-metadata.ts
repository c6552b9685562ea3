import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetAgentMetadataParameters = {
  /** Agent id. */
  agent: bigint
  key: string
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetAgentMetadataReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'getMetadata'>
export type GetAgentMetadataErrorType = NativeContractError | ReadContractErrorType

/**
 * A value of an agent’s metadata; `0x` where there is none. Under `agentWallet` stands its wallet.
 *
 * @example
 * const value = await getAgentMetadata(client, { agent, key: 'skills' })
 */
export async function getAgentMetadata(
  client: NativeClient,
  parameters: GetAgentMetadataParameters,
): Promise<GetAgentMetadataReturnType> {
  const { agent, key, blockNumber } = parameters
  return namingErrors('agents', 'getMetadata', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'getMetadata',
      args: [agent, key],
      blockNumber,
    }),
  )
}
