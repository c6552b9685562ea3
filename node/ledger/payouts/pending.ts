/**
 * What settlements owe and have not paid: pending[target][bucket]. A bucket is as long as the window;
 * what settles in bucket b = ⌊now / window⌋ matures at (b + 2)·window, so between one and two windows
 * later. A target has two lanes, b mod 2, and is in a queue once for each lane that holds something.
 *
 *     settle at 12·window + 3 ──> lane 0, matures at 14·window ──> queue: … (target, lane 0, 14·window)
 *
 * A lane that is still full when its turn comes round again (the queue is behind, or the window was
 * changed) is emptied into `owed` if it has matured, and otherwise takes the later of the two moments:
 * nothing matures early.
 */

import {
  counters,
  countersLayout,
  laneLayout,
  queueItemLayout,
  queuePlace,
  targetLayout,
  targetPlace,
} from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { clearRecord, type RecordOf, readRecord, slotAfter, writeRecord } from '../calls/storage-layout.ts'

/** What an amount becomes when it matures. */
export const TARGET_KIND = {
  /** Wei of an account; id: its address. */
  account: 0,
  /** Stake that a prover gets back to its free stake; id: its address. */
  lock: 1,
  /** The stakers' income; id 0. */
  stakers: 2,
  /** A Datanet's income; id: the Datanet. */
  datanet: 3,
  /** The treasury; id 0. */
  treasury: 4,
  /** The income of a Datanet's curators; id: the Datanet. */
  curators: 5,
} as const

export type Target = { kind: (typeof TARGET_KIND)[keyof typeof TARGET_KIND]; id: bigint }
export type Due = { maturesAt: bigint; lane: bigint }
export type QueueItem = RecordOf<typeof queueItemLayout>

/** When and in which lane what settles now matures. */
export function dueNow(context: CallContext, window: bigint): Due {
  const bucket = context.now / window
  return { maturesAt: (bucket + 2n) * window, lane: bucket & 1n }
}

/** Adds to what a target is owed at a later moment. */
export function addPending(context: CallContext, target: Target, amount: bigint, due: Due): void {
  if (amount === 0n) return
  const place = targetPlace(context, target.kind, target.id)
  const lanePlace = slotAfter(place, 1n + due.lane)
  const lane = readRecord(context, lanePlace, laneLayout)
  if (lane.amount !== 0n && lane.maturesAt <= context.now && lane.maturesAt !== due.maturesAt) {
    const { owed } = readRecord(context, place, targetLayout, ['owed'])
    writeRecord(context, place, targetLayout, { owed: owed + lane.amount })
    lane.amount = 0n
  }
  const listed = lane.maturesAt >= due.maturesAt
  const maturesAt = listed ? lane.maturesAt : due.maturesAt
  writeRecord(context, lanePlace, laneLayout, { maturesAt, amount: lane.amount + amount })
  if (!listed) enqueue(context, { id: target.id, kind: BigInt(target.kind), lane: due.lane, maturesAt })
}

/**
 * Takes back what was added for the moment `due`, which has not come: the lane still holds it. The queue keeps its item,
 * which finds less, or nothing.
 */
export function subtractPending(context: CallContext, target: Target, amount: bigint, due: Due): void {
  if (amount === 0n) return
  const lanePlace = slotAfter(targetPlace(context, target.kind, target.id), 1n + due.lane)
  const lane = readRecord(context, lanePlace, laneLayout, ['amount'])
  if (lane.amount < amount)
    throw new RangeError(`a lane holds ${lane.amount} wei, less than the ${amount} to take back`)
  writeRecord(context, lanePlace, laneLayout, { amount: lane.amount - amount })
}

function enqueue(context: CallContext, item: QueueItem): void {
  const { queueTail } = readRecord(context, counters, countersLayout, ['queueTail'])
  writeRecord(context, queuePlace(context, queueTail), queueItemLayout, item)
  writeRecord(context, counters, countersLayout, { queueTail: queueTail + 1n })
}

/** The item at `index` of the queue. */
export function queueItem(context: CallContext, index: bigint): QueueItem {
  return readRecord(context, queuePlace(context, index), queueItemLayout)
}

/**
 * Takes the item at `index` out of the queue and empties its lane, where that still holds what the item
 * speaks of: what the target is owed now, with what it was owed before.
 */
export function takeMatured(context: CallContext, index: bigint, item: QueueItem): { owed: bigint; paid: bigint } {
  clearRecord(context, queuePlace(context, index), queueItemLayout)
  const place = targetPlace(context, Number(item.kind), item.id)
  const target = readRecord(context, place, targetLayout)
  const lanePlace = slotAfter(place, 1n + item.lane)
  const lane = readRecord(context, lanePlace, laneLayout)
  if (lane.maturesAt !== item.maturesAt) return target
  clearRecord(context, lanePlace, laneLayout)
  return { owed: target.owed + lane.amount, paid: target.paid }
}

/** Everything that waits for a target: both lanes and what is owed already. */
export function pendingOf(context: CallContext, target: Target): bigint {
  const place = targetPlace(context, target.kind, target.id)
  const { owed } = readRecord(context, place, targetLayout, ['owed'])
  const lanes = [1n, 2n].map((slot) => readRecord(context, slotAfter(place, slot), laneLayout, ['amount']).amount)
  return owed + lanes[0]! + lanes[1]!
}
