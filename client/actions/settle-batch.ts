import { encodeFunctionData, type Hash, type Hex } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'
import type { SettleVoucher } from './settle.ts'

/** A channel's requests with the numbers `first` to `last` that a batch settles, and their fees in wei. */
export type BatchPart = { channel: Hex; first: bigint; last: bigint; fees: bigint }

export type SettleBatchParameters = WriteOptions & {
  /** Root of the tree of sums over the leaves (protocol/sum-tree.ts). */
  root: Hex
  /** How many leaves it has. */
  leaves: number
  parts: readonly BatchPart[]
  vouchers: readonly SettleVoucher[]
}
export type SettleBatchReturnType = Hash
export type SettleBatchErrorType = NativeWriteErrorType

/**
 * Settles thousands of answered requests at once: their fees leave the channels, and later randomness draws which leaves
 * `settleDraws` must then settle in full before the deadline. The sender is the receiver of all channels.
 * Returns the transaction’s hash.
 *
 * @example
 * const hash = await settleBatch(prover, { root: sumRoot(nodes).hash, leaves: nodes.length, parts, vouchers })
 */
export async function settleBatch(
  client: NativeClient,
  parameters: SettleBatchParameters,
): Promise<SettleBatchReturnType> {
  const { root, leaves, parts, vouchers, ...options } = parameters
  const sorted = [...parts].sort((a, b) => (a.channel.toLowerCase() < b.channel.toLowerCase() ? -1 : 1))
  const data = encodeFunctionData({
    abi: attributionAbi,
    functionName: 'settleBatch',
    args: [root, leaves, sorted, vouchers],
  })
  return sendNative(client, options, { contract: 'attribution', data })
}
