import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetSpendableParameters = {
  /** Agent id. */
  agent: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetSpendableReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'spendableOf'>
export type GetSpendableErrorType = NativeContractError | ReadContractErrorType

/**
 * Wei that an agent’s wallet can spend now: what is left of the limit, and of the balance.
 *
 * @example
 * const wei = await getSpendable(client, { agent })
 */
export async function getSpendable(
  client: NativeClient,
  parameters: GetSpendableParameters,
): Promise<GetSpendableReturnType> {
  const { agent, blockNumber } = parameters
  return namingErrors('agents', 'spendableOf', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'spendableOf',
      args: [agent],
      blockNumber,
    }),
  )
}
