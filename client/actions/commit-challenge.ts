import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type CommitChallengeParameters = WriteOptions & {
  /** 32 bytes: `challengeCommitment` (protocol/challenge.ts) of challenger, subject and salt. */
  commitment: Hex
  /** Wei: at least the parameter `challengeBond`. Lost to the treasury where the challenge shows no fault. */
  bond: bigint
}
export type CommitChallengeReturnType = Hash
export type CommitChallengeErrorType = NativeWriteErrorType

/**
 * Commits to a challenge, in an earlier block than it, so that nobody who sees the proof in the pool is first with it.
 * Returns the transaction’s hash.
 *
 * @example
 * const commitment = challengeCommitment({ challenger: account.address, subject: requestId(channel, n), salt })
 * const hash = await commitChallenge(client, { commitment, bond: await getParameter(client, { name: 'challengeBond' }) })
 */
export async function commitChallenge(
  client: NativeClient,
  parameters: CommitChallengeParameters,
): Promise<CommitChallengeReturnType> {
  const { commitment, bond, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'commitChallenge', args: [commitment] })
  return sendNative(client, options, { contract: 'attribution', data, value: bond })
}
