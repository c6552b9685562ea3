import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetAgentUriParameters = {
  /** Agent id. */
  agent: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetAgentUriReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'tokenURI'>
export type GetAgentUriErrorType = NativeContractError | ReadContractErrorType

/**
 * Where an agent’s registration file is (ERC-8004), or the file itself as a data URI.
 *
 * @example
 * const uri = await getAgentUri(client, { agent })
 */
export async function getAgentUri(
  client: NativeClient,
  parameters: GetAgentUriParameters,
): Promise<GetAgentUriReturnType> {
  const { agent, blockNumber } = parameters
  return namingErrors('agents', 'tokenURI', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'tokenURI',
      args: [agent],
      blockNumber,
    }),
  )
}
