import type { Hash } from 'viem'
import { type GovernanceWriteErrorType, sendGovernance } from '../governance-transaction.ts'
import type { NativeClient, WriteOptions } from '../native-transaction.ts'

export type UnlockOpenParameters = WriteOptions & {
  /** Wei of gOPEN. */
  amount: bigint
}
export type UnlockOpenReturnType = Hash
export type UnlockOpenErrorType = GovernanceWriteErrorType

/**
 * Gives gOPEN back for as much OPEN. Votes that were cast stay as they were.
 *
 * @example
 * const hash = await unlockOpen(client, { amount: parseEther('100') })
 */
export async function unlockOpen(
  client: NativeClient,
  parameters: UnlockOpenParameters,
): Promise<UnlockOpenReturnType> {
  const { amount, ...options } = parameters
  return sendGovernance(client, options, { contract: 'gopen', functionName: 'withdraw', args: [amount] })
}
