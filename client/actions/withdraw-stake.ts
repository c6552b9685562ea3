import { encodeFunctionData, type Hash } from 'viem'
import { stakingAbi } from '../../genesis/abi/staking.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import type { StakeRole } from './stake.ts'

export type WithdrawStakeParameters = WriteOptions & {
  /** `STAKE_ROLE`. */
  role: StakeRole
}
export type WithdrawStakeReturnType = Hash
export type WithdrawStakeErrorType = NativeWriteErrorType

/**
 * Withdraws stake whose delay has passed.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await withdrawStake(client, { role: STAKE_ROLE.prover })
 */
export async function withdrawStake(
  client: NativeClient,
  parameters: WithdrawStakeParameters,
): Promise<WithdrawStakeReturnType> {
  const { role, ...options } = parameters
  const data = encodeFunctionData({ abi: stakingAbi, functionName: 'withdraw', args: [role] })
  return sendNative(client, options, { contract: 'staking', data })
}
