import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type RevealSeatParameters = WriteOptions & {
  /** Round of a challenge 4, of the `FeatureChallenged` log. */
  round: bigint
  /** keccak of the recomputed vector. */
  vectorHash: Hex
  /** 32 bytes, as committed. */
  salt: Hex
}
export type RevealSeatReturnType = Hash
export type RevealSeatErrorType = NativeWriteErrorType

/**
 * Reveals a vote once the time to commit is over.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await revealSeat(client, { round: 1n, vectorHash, salt })
 */
export async function revealSeat(
  client: NativeClient,
  parameters: RevealSeatParameters,
): Promise<RevealSeatReturnType> {
  const { round, vectorHash, salt, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'revealSeat', args: [round, vectorHash, salt] })
  return sendNative(client, options, { contract: 'attribution', data })
}
