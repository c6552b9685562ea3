import { encodeFunctionData, type Hash, type TransactionReceipt, toHex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { ClusterId } from '../../genesis/units.ts'
import { onlyEvent } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type AppealClusterParameters = WriteOptions & {
  /** Contribution id of one’s own accepted contribution that does not found its cluster. */
  contribution: bigint
  /** Its content. */
  content: Uint8Array
  /** The content of its cluster’s founder. */
  founderContent: Uint8Array
}
export type AppealClusterReturnType = Hash
export type AppealClusterErrorType = NativeWriteErrorType

/**
 * Leaves a cluster that the MinHash estimate put an own contribution into: refused by `AppealFails` where the two contents have
 * `clusterJaccardBps` of their shingles in common. Versions published before keep what they froze.
 * Returns the transaction’s hash; {@link appealedCluster} reads the new cluster’s id from its receipt.
 *
 * @example
 * const hash = await appealCluster(client, { contribution, content, founderContent })
 * const cluster = appealedCluster(await confirmTransaction(client, { hash }))
 */
export async function appealCluster(
  client: NativeClient,
  parameters: AppealClusterParameters,
): Promise<AppealClusterReturnType> {
  const { contribution, content, founderContent, ...options } = parameters
  const data = encodeFunctionData({
    abi: datanetsAbi,
    functionName: 'appealCluster',
    args: [contribution, toHex(content), toHex(founderContent)],
  })
  return sendNative(client, options, { contract: 'datanets', data })
}

/** Id of the cluster that an {@link appealCluster} transaction founded. */
export function appealedCluster(receipt: TransactionReceipt): ClusterId {
  const log = onlyEvent(receipt.logs, { abi: datanetsAbi, contract: 'datanets', eventName: 'ClusterAppealed' })
  return ClusterId(log.args.founded)
}
