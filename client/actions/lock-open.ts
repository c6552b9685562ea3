import type { Hash } from 'viem'
import { type GovernanceWriteErrorType, sendGovernance } from '../governance-transaction.ts'
import type { NativeClient, WriteOptions } from '../native-transaction.ts'

export type LockOpenParameters = WriteOptions & {
  /** Wei of OPEN. */
  amount: bigint
}
export type LockOpenReturnType = Hash
export type LockOpenErrorType = GovernanceWriteErrorType

/**
 * Locks OPEN for as much gOPEN. It votes once it is delegated ({@link delegateVotes}), to oneself too.
 *
 * @example
 * const hash = await lockOpen(client, { amount: parseEther('100') })
 */
export async function lockOpen(client: NativeClient, parameters: LockOpenParameters): Promise<LockOpenReturnType> {
  const { amount, ...options } = parameters
  return sendGovernance(client, options, { contract: 'gopen', functionName: 'deposit', args: [], value: amount })
}
