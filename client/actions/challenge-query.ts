import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ChallengeQueryParameters = WriteOptions & {
  /** Bytes of the request’s latest claim, of its `Claimed` log. */
  claim: Hex
  /** The settled leaf. */
  leaf: Leaf
  /** 32 bytes that the commitment to the subject was made with. */
  salt: Hex
}
export type ChallengeQueryReturnType = Hash
export type ChallengeQueryErrorType = NativeWriteErrorType

/**
 * Challenge 4 of the query of a request that was opened: a committee will be drawn. The claim is held until it has decided.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await challengeQuery(client, { claim, leaf, salt })
 */
export async function challengeQuery(
  client: NativeClient,
  parameters: ChallengeQueryParameters,
): Promise<ChallengeQueryReturnType> {
  const { claim, leaf, salt, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'challengeQuery', args: [claim, leaf, salt] })
  return sendNative(client, options, { contract: 'attribution', data })
}
