import { encodeFunctionData, type Hash } from 'viem'
import { type STAKE_ROLE, stakingAbi } from '../../genesis/abi/staking.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

/** prover 1, validator 2, curator 3. */
export type StakeRole = (typeof STAKE_ROLE)[keyof typeof STAKE_ROLE]

export type StakeParameters = WriteOptions & {
  /** `STAKE_ROLE`. */
  role: StakeRole
  /** Wei to stake. */
  amount: bigint
}
export type StakeReturnType = Hash
export type StakeErrorType = NativeWriteErrorType

/**
 * Stakes OPEN in a role. The first stake must reach the role’s least stake.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await stake(client, { role: STAKE_ROLE.validator, amount: parseEther('10') })
 */
export async function stake(client: NativeClient, parameters: StakeParameters): Promise<StakeReturnType> {
  const { role, amount, ...options } = parameters
  const data = encodeFunctionData({ abi: stakingAbi, functionName: 'stake', args: [role] })
  return sendNative(client, options, { contract: 'staking', data, value: amount })
}
