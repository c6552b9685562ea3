import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type TopUpChannelParameters = WriteOptions & {
  /** Channel id. */
  channel: Hex
  /** Wei added to the deposit. */
  amount: bigint
}
export type TopUpChannelReturnType = Hash
export type TopUpChannelErrorType = NativeWriteErrorType

/**
 * Adds to a channel’s deposit.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await topUpChannel(client, { channel, amount: parseEther('5') })
 */
export async function topUpChannel(
  client: NativeClient,
  parameters: TopUpChannelParameters,
): Promise<TopUpChannelReturnType> {
  const { channel, amount, ...options } = parameters
  const data = encodeFunctionData({ abi: channelsAbi, functionName: 'topUp', args: [channel] })
  return sendNative(client, options, { contract: 'channels', data, value: amount })
}
