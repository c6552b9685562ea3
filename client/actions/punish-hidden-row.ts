import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type PunishHiddenRowParameters = WriteOptions & {
  /** Version id. */
  version: bigint
  /** Index of the row. */
  row: number
}
export type PunishHiddenRowReturnType = Hash
export type PunishHiddenRowErrorType = NativeWriteErrorType

/**
 * Fails a version whose row was demanded and not shown before the deadline. The demand’s bond and half of the version’s go to the
 * demander. Where the version has failed already, only the demand’s bond returns.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await punishHiddenRow(client, { version: 1n, row: 17 })
 */
export async function punishHiddenRow(
  client: NativeClient,
  parameters: PunishHiddenRowParameters,
): Promise<PunishHiddenRowReturnType> {
  const { version, row, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'punishHiddenRow', args: [version, row] })
  return sendNative(client, options, { contract: 'attribution', data })
}
