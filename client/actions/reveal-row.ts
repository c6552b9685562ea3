import { encodeFunctionData, type Hash, type Hex, toHex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { encodeManifestItem, type ManifestItem } from '../../protocol/manifest.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import { type RowProof, rowProofArgument } from '../row-proof.ts'

export type RevealRowParameters = WriteOptions & {
  /** Version id. */
  version: bigint
  /** The demanded row, with its path to the version's featureRoot. */
  evidence: RowProof
  /** What the row speaks of. */
  manifestItem: ManifestItem
  /** The item's path to the run's manifestRoot. */
  manifestPath: readonly Hex[]
}
export type RevealRowReturnType = Hash
export type RevealRowErrorType = NativeWriteErrorType

/**
 * Shows a demanded row before its deadline; anybody may, and the demand’s bond is the sender’s.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await revealRow(publisher, { version: 1n, evidence: { row, path }, manifestItem, manifestPath })
 */
export async function revealRow(client: NativeClient, parameters: RevealRowParameters): Promise<RevealRowReturnType> {
  const { version, evidence, manifestItem, manifestPath, ...options } = parameters
  const args = [version, rowProofArgument(evidence), toHex(encodeManifestItem(manifestItem)), manifestPath] as const
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'revealRow', args })
  return sendNative(client, options, { contract: 'attribution', data })
}
