import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type RefundChannelParameters = WriteOptions & {
  /** Channel id. */
  channel: Hex
}
export type RefundChannelReturnType = Hash
export type RefundChannelErrorType = NativeWriteErrorType

/**
 * Returns what is unsettled to the payer, once the closing delay has passed.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await refundChannel(client, { channel })
 */
export async function refundChannel(
  client: NativeClient,
  parameters: RefundChannelParameters,
): Promise<RefundChannelReturnType> {
  const { channel, ...options } = parameters
  const data = encodeFunctionData({ abi: channelsAbi, functionName: 'refund', args: [channel] })
  return sendNative(client, options, { contract: 'channels', data })
}
