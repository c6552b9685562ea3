import { encodeFunctionData, type Hash } from 'viem'
import { stakingAbi } from '../../genesis/abi/staking.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import type { StakeRole } from './stake.ts'

export type UnstakeParameters = WriteOptions & {
  /** `STAKE_ROLE`. */
  role: StakeRole
  /** Wei of free (unlocked) stake. */
  amount: bigint
}
export type UnstakeReturnType = Hash
export type UnstakeErrorType = NativeWriteErrorType

/**
 * Starts to take stake back; it may be withdrawn after the parameter `unstakeDelay`.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await unstake(client, { role: STAKE_ROLE.prover, amount: parseEther('3') })
 */
export async function unstake(client: NativeClient, parameters: UnstakeParameters): Promise<UnstakeReturnType> {
  const { role, amount, ...options } = parameters
  const data = encodeFunctionData({ abi: stakingAbi, functionName: 'unstake', args: [role, amount] })
  return sendNative(client, options, { contract: 'staking', data })
}
