import { encodeFunctionData, type Hash } from 'viem'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type FlagUnreplayableParameters = WriteOptions & {
  /** Run id. */
  run: bigint
}
export type FlagUnreplayableReturnType = Hash
export type FlagUnreplayableErrorType = NativeWriteErrorType

/**
 * The model's owner says that the reference kernel cannot replay a run. Its versions' quality then counts for 5,000 bps at most, for good.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await flagUnreplayable(owner, { run: 3n })
 */
export async function flagUnreplayable(
  client: NativeClient,
  parameters: FlagUnreplayableParameters,
): Promise<FlagUnreplayableReturnType> {
  const { run, ...options } = parameters
  const data = encodeFunctionData({ abi: modelsAbi, functionName: 'flagUnreplayable', args: [run] })
  return sendNative(client, options, { contract: 'models', data })
}
