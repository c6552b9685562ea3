import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type CloseChannelParameters = WriteOptions & {
  /** Channel id. */
  channel: Hex
}
export type CloseChannelReturnType = Hash
export type CloseChannelErrorType = NativeWriteErrorType

/**
 * The payer asks for a channel’s end: what is settled within the delay still leaves, the rest may be refunded after it.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await closeChannel(client, { channel })
 */
export async function closeChannel(
  client: NativeClient,
  parameters: CloseChannelParameters,
): Promise<CloseChannelReturnType> {
  const { channel, ...options } = parameters
  const data = encodeFunctionData({ abi: channelsAbi, functionName: 'close', args: [channel] })
  return sendNative(client, options, { contract: 'channels', data })
}
