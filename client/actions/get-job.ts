import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { agentsAbi } from '../../genesis/abi/agents.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'

export type GetJobParameters = {
  /** Job id. */
  job: bigint
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetJobReturnType = ContractFunctionReturnType<typeof agentsAbi, 'view', 'getJob'>
export type GetJobErrorType = NativeContractError | ReadContractErrorType

/**
 * A job: agent, client, status (`JOB_STATUS`), deadline, fee and hashes.
 *
 * @example
 * const { status, fee } = await getJob(client, { job })
 */
export async function getJob(client: NativeClient, parameters: GetJobParameters): Promise<GetJobReturnType> {
  const { job, blockNumber } = parameters
  return namingErrors('agents', 'getJob', () =>
    readContract(client, {
      abi: agentsAbi,
      address: NATIVE.agents,
      functionName: 'getJob',
      args: [job],
      blockNumber,
    }),
  )
}
