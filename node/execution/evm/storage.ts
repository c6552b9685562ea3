/** SSTORE: what it costs and gives back, by what the slot held, holds and shall hold (EIP-1283, 2200, 2929, 3529). */
import { wordHex } from '../bytes.ts'
import { charge, type Frame, gasOf } from './frame.ts'
import { OUT_OF_GAS, STATIC_STATE_CHANGE } from './halt.ts'
import type { Schedule } from './schedule.ts'

/** A slot that held nothing. */
const SET = 20_000

type Change = { original: bigint; current: bigint; next: bigint }

export function sstore(frame: Frame, schedule: Schedule): void {
  const { stack, machine, address } = frame
  const { overlay } = machine
  if (frame.isStatic) throw STATIC_STATE_CHANGE
  if (schedule.sstoreSentry > 0 && gasOf(frame) <= BigInt(schedule.sstoreSentry)) throw OUT_OF_GAS
  const slot = wordHex(stack.pop()!)
  const next = stack.pop()!
  const cold = machine.slotIsNew(address, slot) ? schedule.coldSlot : 0
  const current = overlay.storage(address, slot)
  if (schedule.netMetering) {
    const change = { original: overlay.originalStorage(address, slot), current, next }
    charge(frame, cold + netCost(change, schedule))
    machine.refund += netRefund(change, schedule)
  } else {
    charge(frame, current === 0n && next !== 0n ? SET : schedule.sstoreReset)
    if (current !== 0n && next === 0n) machine.refund += schedule.sstoreClearRefund
  }
  overlay.setStorage(address, slot, next)
}

function netCost({ original, current, next }: Change, { sstoreDirty, sstoreReset }: Schedule): number {
  if (current === next || current !== original) return sstoreDirty
  return original === 0n ? SET : sstoreReset
}

/** Change of the refund counter. */
function netRefund({ original, current, next }: Change, schedule: Schedule): number {
  const { sstoreClearRefund, sstoreDirty, sstoreReset } = schedule
  if (current === next) return 0
  if (current === original) return original !== 0n && next === 0n ? sstoreClearRefund : 0
  let refund = 0
  if (original !== 0n && current === 0n) refund -= sstoreClearRefund
  if (original !== 0n && next === 0n) refund += sstoreClearRefund
  if (next === original) refund += (original === 0n ? SET : sstoreReset) - sstoreDirty
  return refund
}
