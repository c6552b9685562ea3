import { type ContractFunctionReturnType, type ReadContractErrorType, zeroAddress } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetResponseCountParameters = {
  /** Agent id. */
  agent: bigint
  /** Whose feedback; everybody’s where absent. */
  clientAddress?: Address
  /** Which of it, from 1; all where absent. */
  index?: bigint
  /** Whose answers; everybody’s where absent. */
  responders?: readonly Address[]
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetResponseCountReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'getResponseCount'>
export type GetResponseCountErrorType = NativeContractError | ReadContractErrorType

/**
 * How often feedback to an agent has been answered (ERC-8004).
 *
 * @example
 * const count = await getResponseCount(client, { agent, clientAddress })
 */
export async function getResponseCount(
  client: NativeClient,
  parameters: GetResponseCountParameters,
): Promise<GetResponseCountReturnType> {
  const { agent, clientAddress = zeroAddress, index = 0n, responders = [], blockNumber } = parameters
  return namingErrors('agents', 'getResponseCount', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'getResponseCount',
      args: [agent, clientAddress, index, responders],
      blockNumber,
    }),
  )
}
