import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import { queryArgument, type RowProof, rowProofArgument } from '../row-proof.ts'

export type ChallengeOmissionParameters = WriteOptions & {
  /** The claim’s bytes, as its last `Claimed` log shows them. */
  claim: Hex
  /** The settled leaf, as its `Settled` log shows it (protocol/leaf.ts). */
  leaf: Leaf
  /** The query under the leaf’s queryHash. */
  query: Int8Array
  /** The row that should have been listed. */
  evidence: RowProof
  /** 32 bytes that the challenge’s commitment was made with. */
  salt: Hex
}
export type ChallengeOmissionReturnType = Hash
export type ChallengeOmissionErrorType = NativeWriteErrorType

/**
 * Challenge 2: a row of the version should have been among the leaf’s entries, or the query is ill formed. Upheld, the claim is
 * undone and half of the prover’s locked stake is the challenger’s.
 * Returns the transaction’s hash; `challengeOutcome` reads from its receipt whether it was upheld.
 *
 * @example
 * const hash = await challengeOmission(client, { claim, leaf, query, evidence: { row, path }, salt })
 */
export async function challengeOmission(
  client: NativeClient,
  parameters: ChallengeOmissionParameters,
): Promise<ChallengeOmissionReturnType> {
  const { claim, leaf, query, evidence, salt, ...options } = parameters
  const data = encodeFunctionData({
    abi: attributionAbi,
    functionName: 'challengeOmission',
    args: [claim, leaf, queryArgument(query), rowProofArgument(evidence), salt],
  })
  return sendNative(client, options, { contract: 'attribution', data })
}
