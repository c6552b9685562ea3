import { encodeFunctionData, type Hash } from 'viem'
import { stakingAbi } from '../../genesis/abi/staking.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import type { StakeRole } from './stake.ts'

export type CollectRewardsParameters = WriteOptions & {
  /** `STAKE_ROLE`. */
  role: StakeRole
}
export type CollectRewardsReturnType = Hash
export type CollectRewardsErrorType = NativeWriteErrorType

/**
 * Collects what one’s stake in a role has earned of fees.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await collectRewards(client, { role: STAKE_ROLE.validator })
 */
export async function collectRewards(
  client: NativeClient,
  parameters: CollectRewardsParameters,
): Promise<CollectRewardsReturnType> {
  const { role, ...options } = parameters
  const data = encodeFunctionData({ abi: stakingAbi, functionName: 'collectRewards', args: [role] })
  return sendNative(client, options, { contract: 'staking', data })
}
