import { encodeFunctionData, type Hash } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type DemandRowParameters = WriteOptions & {
  /** Version id. */
  version: bigint
  /** Index of the row. */
  row: number
  /** Wei: at least the parameter `openingBond`. It is the revealer’s; where nobody reveals in time it returns. */
  bond: bigint
}
export type DemandRowReturnType = Hash
export type DemandRowErrorType = NativeWriteErrorType

/**
 * Demands that a row of a version be shown, once. Where nobody shows it before the deadline, `punishHiddenRow` fails the version and
 * half of its bond is the demander’s.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await demandRow(client, { version: 1n, row: 17, bond: await getParameter(client, { name: 'openingBond' }) })
 */
export async function demandRow(client: NativeClient, parameters: DemandRowParameters): Promise<DemandRowReturnType> {
  const { version, row, bond, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'demandRow', args: [version, row] })
  return sendNative(client, options, { contract: 'attribution', data, value: bond })
}
