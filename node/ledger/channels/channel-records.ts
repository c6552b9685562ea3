/** What Channels holds, and where (the table stands in README.md). Layouts only grow at their end. */
import type { Hex } from 'viem'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { at, recordLayout, variable } from '../calls/storage-layout.ts'

const own = (slot: number): Place => variable(NATIVE.channels, slot)

export const channelLayout = recordLayout({
  payer: 'address',
  /** Seconds from which nothing more is settled and the rest may be refunded; 0 while open. */
  closingAt: 'uint64',
  closed: 'bool',
  receiver: 'address',
  /** Wei put in. */
  deposit: 'uint128',
  /** Wei of settled requests. */
  settled: 'uint128',
  /** The highest ceiling that the payer, or a key of the payer's, has signed and a settlement has shown. */
  ceiling: 'uint128',
  /** The highest number of a request that was settled, alone or in a batch. */
  highest: 'uint64',
  /** Requests to this number are spent: batches settled them. Numbers that batches settle begin at 1. */
  batchedTo: 'uint64',
})

export function channelPlace(context: CallContext, channel: Hex): Place {
  return at(context, own(0), channel)
}

/** How many channels the payer has opened: the nonce of the next. */
export function noncePlace(context: CallContext, payer: Address): Place {
  return at(context, own(1), payer)
}

export const signerLayout = recordLayout({
  /** The highest ceiling that the key may sign, in wei over the channel's whole life. */
  cap: 'uint128',
  /** Seconds: the last moment at which a voucher of the key is taken. */
  expiry: 'uint64',
})

export function signerPlace(context: CallContext, channel: Hex, key: Address): Place {
  return at(context, at(context, own(2), channel), key)
}

/** The agent whose balance gets what a channel returns; 0 where that is the payer. Slot 3 is kept for the lottery. */
export function beneficiaryPlace(context: CallContext, channel: Hex): Place {
  return at(context, own(4), channel)
}
