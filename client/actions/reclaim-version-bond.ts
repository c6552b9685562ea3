import { encodeFunctionData, type Hash } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type ReclaimVersionBondParameters = WriteOptions & {
  /** Version id. */
  version: bigint
}
export type ReclaimVersionBondReturnType = Hash
export type ReclaimVersionBondErrorType = NativeWriteErrorType

/**
 * Returns a retired version's bond to its publisher. Anybody may, once the delay has passed and no demand of a row is open.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await reclaimVersionBond(client, { version: 1n })
 */
export async function reclaimVersionBond(
  client: NativeClient,
  parameters: ReclaimVersionBondParameters,
): Promise<ReclaimVersionBondReturnType> {
  const { version, ...options } = parameters
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'reclaimVersionBond', args: [version] })
  return sendNative(client, options, { contract: 'models', data })
}
