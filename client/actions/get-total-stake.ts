import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { stakingAbi } from '../../genesis/abi/staking.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'
import type { StakeRole } from './stake.ts'

export type GetTotalStakeParameters = {
  /** `STAKE_ROLE`: prover 1, validator 2, curator 3. */
  role: StakeRole
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetTotalStakeReturnType = ContractFunctionReturnType<typeof stakingAbi, 'view', 'totalStake'>
export type GetTotalStakeErrorType = NativeContractError | ReadContractErrorType

/**
 * Wei that are staked in a role, all together.
 *
 * @example
 * const wei = await getTotalStake(client, { role: STAKE_ROLE.validator })
 */
export async function getTotalStake(
  client: NativeClient,
  parameters: GetTotalStakeParameters,
): Promise<GetTotalStakeReturnType> {
  const { role, blockNumber } = parameters
  return namingErrors('staking', 'totalStake', () =>
    readContract(client, {
      abi: stakingAbi,
      address: NATIVE.staking,
      functionName: 'totalStake',
      args: [role],
      blockNumber,
    }),
  )
}
