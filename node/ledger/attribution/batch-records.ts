/** What Attribution holds of batches, and where (the table stands in README.md). Layouts only grow at their end. */
import type { Hex } from 'viem'
import { NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { at, recordLayout, variable } from '../calls/storage-layout.ts'

const own = (slot: number): Place => variable(NATIVE.attribution, slot)

/** Batches so far. */
export const batchCount = own(15)

export const batchLayout = recordLayout({
  prover: 'address',
  /** L2 block of settleBatch. */
  committedIn: 'uint64',
  leaves: 'uint32',
  /** keccak root of the tree of sums (protocol/sum-tree.ts); its sum is `fees`. */
  root: 'bytes32',
  fees: 'uint128',
  /** Wei that each draw pays. */
  perDraw: 'uint128',
  /** Wei of the prover's stake behind each draw. */
  lockPerDraw: 'uint128',
  /** L1 block whose randomness draws. */
  drawnBy: 'uint64',
  /** Seconds. */
  deadline: 'uint64',
  draws: 'uint8',
  /** A bit a draw that has been neither settled nor forfeited. */
  open: 'uint64',
})

export function batchPlace(context: CallContext, batch: bigint): Place {
  return at(context, own(16), batch)
}

/** Which requests of a channel a batch settles: numbers first … last. */
export const batchPartLayout = recordLayout({ first: 'uint64', last: 'uint64', fees: 'uint128' })

export function batchPartPlace(context: CallContext, batch: bigint, channel: Hex): Place {
  return at(context, at(context, own(17), batch), channel)
}
