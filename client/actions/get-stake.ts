import type { ContractFunctionReturnType, ReadContractErrorType } from 'viem'
import { readContract } from 'viem/actions'
import { stakingAbi } from '../../genesis/abi/staking.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { type NativeContractError, namingErrors } from '../native-error.ts'
import type { NativeClient } from '../native-transaction.ts'
import type { StakeRole } from './stake.ts'

export type GetStakeParameters = {
  /** Who staked. */
  account: Address
  /** `STAKE_ROLE`: prover 1, validator 2, curator 3. */
  role: StakeRole
  /** State after this block; the latest where absent. */
  blockNumber?: bigint
}
export type GetStakeReturnType = ContractFunctionReturnType<typeof stakingAbi, 'view', 'stakeOf'>
export type GetStakeErrorType = NativeContractError | ReadContractErrorType

/**
 * A stake in wei: amount, locked by settlements, on its way out (and when), and rewards.
 *
 * @example
 * const { amount, locked } = await getStake(client, { account, role: STAKE_ROLE.prover })
 */
export async function getStake(client: NativeClient, parameters: GetStakeParameters): Promise<GetStakeReturnType> {
  const { account, role, blockNumber } = parameters
  return namingErrors('staking', 'stakeOf', () =>
    readContract(client, {
      abi: stakingAbi,
      address: NATIVE.staking,
      functionName: 'stakeOf',
      args: [account, role],
      blockNumber,
    }),
  )
}
