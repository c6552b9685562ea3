import { encodeFunctionData, type Hash } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type RetireVersionParameters = WriteOptions & {
  /** Version id. */
  version: bigint
}
export type RetireVersionReturnType = Hash
export type RetireVersionErrorType = NativeWriteErrorType

/**
 * Ends a version, by its publisher: requests that are opened later are not settled. Its bond stays, and can be lost, for the
 * parameter `unstakeDelay`; then `reclaimVersionBond` returns it.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await retireVersion(publisher, { version: 1n })
 */
export async function retireVersion(
  client: NativeClient,
  parameters: RetireVersionParameters,
): Promise<RetireVersionReturnType> {
  const { version, ...options } = parameters
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'retireVersion', args: [version] })
  return sendNative(client, options, { contract: 'models', data })
}
