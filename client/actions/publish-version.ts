import { encodeFunctionData, type Hash, type Hex, type TransactionReceipt } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { VersionId } from '../../genesis/units.ts'
import { onlyEvent } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type PublishVersionParameters = WriteOptions & {
  /** Run id. */
  run: bigint
  adapterHash: Hex
  curvatureHash: Hex
  /** Root over the rows (protocol/row.ts). */
  featureRoot: Hex
  artifactHash: Hex
  rows: number
  /** Bits of a row. */
  dims: number
  /** Median of the rows' scales; none may pass four times of it. */
  medianScale: number
  /** Wei: the parameter `versionBond`. */
  bond: bigint
}
export type PublishVersionReturnType = Hash
export type PublishVersionErrorType = NativeWriteErrorType

/**
 * Publishes a version of a model. It is live once validators with two thirds of the stake have attested it.
 * Returns the transaction's hash; {@link publishedVersion} reads the id from its receipt.
 *
 * @example
 * const hash = await publishVersion(client, { run, ...roots, rows: 412, dims: 32_768, medianScale: 900, bond })
 * const version = publishedVersion(await confirmTransaction(client, { hash }))
 */
export async function publishVersion(
  client: NativeClient,
  parameters: PublishVersionParameters,
): Promise<PublishVersionReturnType> {
  const { run, adapterHash, curvatureHash, featureRoot, artifactHash, rows, dims, medianScale, bond, ...options } =
    parameters
  const publication = { run, adapterHash, curvatureHash, featureRoot, artifactHash, rows, dims, medianScale }
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'publishVersion', args: [publication] })
  return sendNative(client, options, { contract: 'models', data, value: bond })
}

/** Id of the version that a {@link publishVersion} transaction published. */
export function publishedVersion(receipt: TransactionReceipt): VersionId {
  const log = onlyEvent(receipt.logs, { abi: modelsAbi, contract: 'models', eventName: 'VersionPublished' })
  return VersionId(log.args.version)
}
