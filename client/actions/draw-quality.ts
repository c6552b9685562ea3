import { encodeFunctionData, type Hash } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type DrawQualityParameters = WriteOptions & {
  /** Version id. */
  version: bigint
}
export type DrawQualityReturnType = Hash
export type DrawQualityErrorType = NativeWriteErrorType

/**
 * Keeps what the L1 block drew that the version's publication named, from which retrainings' subsets and queries follow. Anybody may;
 * it must be done while the chain remembers the draw, about a day, or a later block is named instead.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await drawQuality(client, { version: 1n })
 */
export async function drawQuality(
  client: NativeClient,
  parameters: DrawQualityParameters,
): Promise<DrawQualityReturnType> {
  const { version, ...options } = parameters
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'drawQuality', args: [version] })
  return sendNative(client, options, { contract: 'models', data })
}
