import { encodeFunctionData, type Hash } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ReleaseSharesParameters = WriteOptions & {
  /** Cluster id. */
  cluster: bigint
}
export type ReleaseSharesReturnType = Hash
export type ReleaseSharesErrorType = NativeWriteErrorType

/**
 * Makes the share units of one’s own cluster transferable, once nobody can lead it with an earlier commitment any more
 * ({@link getRelease}). Withdrawing the contribution then needs them back. Returns the transaction’s hash.
 *
 * @example
 * const hash = await releaseShares(client, { cluster: 3n })
 */
export async function releaseShares(
  client: NativeClient,
  parameters: ReleaseSharesParameters,
): Promise<ReleaseSharesReturnType> {
  const { cluster, ...options } = parameters
  const data = encodeFunctionData({ abi: datanetsAbi, functionName: 'releaseShares', args: [cluster] })
  return sendNative(client, options, { contract: 'datanets', data })
}
