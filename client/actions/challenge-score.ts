import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import { queryArgument, type RowProof, rowProofArgument } from '../row-proof.ts'

export type ChallengeScoreParameters = WriteOptions & {
  /** The claim’s bytes, as its last `Claimed` log shows them. */
  claim: Hex
  /** The settled leaf, as its `Settled` log shows it (protocol/leaf.ts). */
  leaf: Leaf
  /** Which of the leaf’s entries, from 0. */
  entry: number
  /** The query under the leaf’s queryHash. */
  query: Int8Array
  /** The entry’s row in the version. */
  evidence: RowProof
  /** 32 bytes that the challenge’s commitment was made with. */
  salt: Hex
}
export type ChallengeScoreReturnType = Hash
export type ChallengeScoreErrorType = NativeWriteErrorType

/**
 * Challenge 1: an entry’s raw score, scale or cluster is not its row’s, or the query is ill formed. Upheld, the claim is undone and
 * half of the prover’s locked stake is the challenger’s.
 * Returns the transaction’s hash; `challengeOutcome` reads from its receipt whether it was upheld.
 *
 * @example
 * const hash = await challengeScore(client, { claim, leaf, entry: 0, query, evidence: { row, path }, salt })
 */
export async function challengeScore(
  client: NativeClient,
  parameters: ChallengeScoreParameters,
): Promise<ChallengeScoreReturnType> {
  const { claim, leaf, entry, query, evidence, salt, ...options } = parameters
  const data = encodeFunctionData({
    abi: attributionAbi,
    functionName: 'challengeScore',
    args: [claim, leaf, entry, queryArgument(query), rowProofArgument(evidence), salt],
  })
  return sendNative(client, options, { contract: 'attribution', data })
}
