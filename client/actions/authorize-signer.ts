import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import type { Address } from '../../genesis/addresses.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

export type AuthorizeSignerParameters = WriteOptions & {
  /** Channel id. */
  channel: Hex
  /** Who may sign vouchers for the payer (an API key). */
  key: Address
  /** Highest ceiling in wei that the key may sign; 0 takes the key back. */
  cap: bigint
  /** Seconds since 1970 until which it may. */
  expiry: bigint
}
export type AuthorizeSignerReturnType = Hash
export type AuthorizeSignerErrorType = NativeWriteErrorType

/**
 * Lets a key sign vouchers of a channel within a cap and until an expiry.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await authorizeSigner(client, { channel, key, cap: parseEther('1'), expiry: 1_900_000_000n })
 */
export async function authorizeSigner(
  client: NativeClient,
  parameters: AuthorizeSignerParameters,
): Promise<AuthorizeSignerReturnType> {
  const { channel, key, cap, expiry, ...options } = parameters
  const data = encodeFunctionData({
    abi: channelsAbi,
    functionName: 'authorizeSigner',
    args: [channel, key, cap, expiry],
  })
  return sendNative(client, options, { contract: 'channels', data })
}
