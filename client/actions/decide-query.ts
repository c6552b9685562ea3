import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type DecideQueryParameters = WriteOptions & {
  /** Round of a challenge 4, of the `FeatureChallenged` log. */
  round: bigint
  /** Bytes of the request’s latest claim, of its `Claimed` log. */
  claim: Hex
  /** The settled leaf. */
  leaf: Leaf
  /** The query under the leaf’s queryHash; `0x` where it is void. */
  query: Hex
  /** The bytes under the decided hash (protocol/feature-tolerance.ts). */
  vector: Hex
}
export type DecideQueryReturnType = Hash
export type DecideQueryErrorType = NativeWriteErrorType

/**
 * Shows the bytes that a round about a query has decided on, and ends it. `challengeOutcome` reads the outcome from its receipt.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await decideQuery(client, { round: 1n, claim, leaf, query, vector })
 */
export async function decideQuery(
  client: NativeClient,
  parameters: DecideQueryParameters,
): Promise<DecideQueryReturnType> {
  const { round, claim, leaf, query, vector, ...options } = parameters
  const data = encodeFunctionData({
    abi: attributionAbi,
    functionName: 'decideQuery',
    args: [round, claim, leaf, query, vector],
  })
  return sendNative(client, options, { contract: 'attribution', data })
}
