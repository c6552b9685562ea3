import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type CommitSeatParameters = WriteOptions & {
  /** Round of a challenge 4, of the `FeatureChallenged` log. */
  round: bigint
  /** `seatCommitment` (protocol/challenge.ts) of round, vector’s hash, salt and voter. */
  commitment: Hex
}
export type CommitSeatReturnType = Hash
export type CommitSeatErrorType = NativeWriteErrorType

/**
 * Commits a vote: of a seat’s holder, or in an appeal of any validator.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await commitSeat(client, { round: 1n, commitment })
 */
export async function commitSeat(
  client: NativeClient,
  parameters: CommitSeatParameters,
): Promise<CommitSeatReturnType> {
  const { round, commitment, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'commitSeat', args: [round, commitment] })
  return sendNative(client, options, { contract: 'attribution', data })
}
