import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type CommitContributionParameters = WriteOptions & {
  /** 32 bytes: protocol/commitment.ts of owner, Datanet, content hash and salt. */
  commitment: Hex
  /** Wei: the parameter `commitBond`, returned when the content follows in time. */
  bond: bigint
}
export type CommitContributionReturnType = Hash
export type CommitContributionErrorType = NativeWriteErrorType

/**
 * Commits to a contribution without showing it, so that nobody can copy it out of the pool and be first.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await commitContribution(client, { commitment, bond: await getParameter(client, { name: 'commitBond' }) })
 */
export async function commitContribution(
  client: NativeClient,
  parameters: CommitContributionParameters,
): Promise<CommitContributionReturnType> {
  const { commitment, bond, ...options } = parameters
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'commit', args: [commitment] })
  return sendNative(client, options, { contract: 'datanets', data, value: bond })
}
