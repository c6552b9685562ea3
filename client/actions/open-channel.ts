import { encodeFunctionData, type Hash, type Hex, type TransactionReceipt } from 'viem'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import type { Address } from '../../genesis/addresses.ts'
import { onlyEvent } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type OpenChannelParameters = WriteOptions & {
  /** A staked prover: who answers and settles. */
  receiver: Address
  /** Wei put in escrow. */
  deposit: bigint
}
export type OpenChannelReturnType = Hash
export type OpenChannelErrorType = NativeWriteErrorType

/**
 * Opens a payment channel; the sender pays. Returns the transaction's hash; {@link openedChannel} reads the id from its receipt.
 *
 * @example
 * const hash = await openChannel(client, { receiver: prover, deposit: parseEther('2') })
 * const channel = openedChannel(await confirmTransaction(client, { hash }))
 */
export async function openChannel(
  client: NativeClient,
  parameters: OpenChannelParameters,
): Promise<OpenChannelReturnType> {
  const { receiver, deposit, ...options } = parameters
  const data = encodeFunctionData({ abi: channelsAbi, functionName: 'open', args: [receiver] })
  return sendNative(client, options, { contract: 'channels', data, value: deposit })
}

/** Id of the channel that an {@link openChannel} transaction opened. */
export function openedChannel(receipt: TransactionReceipt): Hex {
  return onlyEvent(receipt.logs, { abi: channelsAbi, contract: 'channels', eventName: 'Opened' }).args.channel
}
