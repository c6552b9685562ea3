import { encodeFunctionData, type Hash, type Hex, parseEventLogs, type TransactionReceipt } from 'viem'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { logsOf } from '../native-event.ts'
import { type NativeClient, type NativeWriteErrorType, sendNative, type WriteOptions } from '../native-transaction.ts'

/** The latest voucher of a channel: a ceiling in wei and the EIP-712 signature under it. */
export type SettleVoucher = { channel: Hex; maxClaimableAmount: bigint; signature: Hex }

export type SettleParameters = WriteOptions & {
  leaves: readonly Leaf[]
  vouchers: readonly SettleVoucher[]
}
export type SettleReturnType = Hash
export type SettleErrorType = NativeWriteErrorType

/**
 * Settles answered requests; the sender is the channels' receiver. A leaf that does not hold is skipped with a
 * log and never reverts the others: read {@link settleOutcome}.
 *
 * @example
 * const hash = await settle(prover, { leaves, vouchers })
 * const { settled, skipped } = settleOutcome(await confirmTransaction(prover, { hash }))
 */
export async function settle(client: NativeClient, parameters: SettleParameters): Promise<SettleReturnType> {
  const { leaves, vouchers, ...options } = parameters
  const data = encodeFunctionData({ abi: attributionAbi, functionName: 'settle', args: [leaves, vouchers] })
  return sendNative(client, options, { contract: 'attribution', data })
}

export type SettleOutcome = {
  /** Request ids. */
  settled: Hex[]
  /** `LEAF_SKIP_REASON` by request id. */
  skipped: { request: Hex; reason: number }[]
  /** `VOUCHER_SKIP_REASON` by channel. */
  vouchersSkipped: { channel: Hex; reason: number }[]
}

/** What a {@link settle} transaction brought about, leaf by leaf. */
export function settleOutcome(receipt: TransactionReceipt): SettleOutcome {
  const logs = logsOf(receipt.logs, NATIVE.attribution)
  const events = parseEventLogs({ abi: attributionAbi, logs })
  const outcome: SettleOutcome = { settled: [], skipped: [], vouchersSkipped: [] }
  for (const event of events) {
    if (event.eventName === 'Settled') outcome.settled.push(event.args.request)
    if (event.eventName === 'LeafSkipped') outcome.skipped.push({ ...event.args })
    if (event.eventName === 'VoucherSkipped') outcome.vouchersSkipped.push({ ...event.args })
  }
  return outcome
}
