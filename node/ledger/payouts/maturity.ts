/**
 * The maturing deposit (docs/protocol.md): what the reserved sender's call with empty calldata does in
 * the first block of each L1 epoch. It records the epoch's randomness, credits what is due by plain transfers, without
 * calls, and gives locked stake back; it stops before its gas ends and goes on in the next epoch.
 */
import { attributionAbi } from '../../../genesis/abi/attribution.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { MATURING_ITEM_GAS } from '../../../genesis/gas.ts'
import { counters, countersLayout, targetLayout, targetPlace, treasury } from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { nativeFace } from '../calls/face.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { curatorPool, sharePool } from '../datanets/datanet-records.ts'
import { parameter } from '../governance/parameters.ts'
import { stakersPool, unlockStake } from '../staking/staking-records.ts'
import { type QueueItem, queueItem, TARGET_KIND, takeMatured } from './pending.ts'
import { recordRandomness } from './randomness.ts'
import { addIncome } from './streaming-pool.ts'

const face = nativeFace(NATIVE.attribution, attributionAbi)

/** Records the epoch's randomness, then pays what is due, in the order of the queue, while the gas lasts. */
export function mature(context: CallContext): void {
  recordRandomness(context)
  const { queueHead, queueTail } = readRecord(context, counters, countersLayout, ['queueHead', 'queueTail'])
  let head = queueHead
  while (head < queueTail && context.gasLeft >= MATURING_ITEM_GAS) {
    const item = queueItem(context, head)
    if (item.maturesAt > context.now) break
    pay(context, item, takeMatured(context, head, item))
    head += 1n
  }
  if (head !== queueHead) writeRecord(context, counters, countersLayout, { queueHead: head })
}

function pay(context: CallContext, item: QueueItem, { owed, paid }: { owed: bigint; paid: bigint }): void {
  const place = targetPlace(context, Number(item.kind), item.id)
  const least = item.kind === BigInt(TARGET_KIND.account) ? parameter(context, 'dustLimit') : 0n
  if (owed <= least) {
    writeRecord(context, place, targetLayout, { owed })
    return
  }
  writeRecord(context, place, targetLayout, { owed: 0n, paid: paid + owed })
  const recipient = release(context, item, owed)
  if (recipient) face.emit(context, 'Matured', { recipient, amount: owed })
}

/** Hands over an amount; says who received it, or nobody for stake that was only locked. */
function release(context: CallContext, item: QueueItem, amount: bigint): Address | undefined {
  switch (Number(item.kind)) {
    case TARGET_KIND.account: {
      const recipient = addressOf(item.id)
      context.transfer(NATIVE.attribution, recipient, amount)
      return recipient
    }
    case TARGET_KIND.lock:
      unlockStake(context, addressOf(item.id), amount)
      return undefined
    case TARGET_KIND.stakers:
      if (!addIncome(context, stakersPool, amount, parameter(context, 'window'))) return toTreasury(context, amount)
      context.transfer(NATIVE.attribution, NATIVE.staking, amount)
      return NATIVE.staking
    case TARGET_KIND.datanet:
      if (!addIncome(context, sharePool(context, item.id), amount, parameter(context, 'window')))
        return toTreasury(context, amount)
      return NATIVE.datanets
    case TARGET_KIND.curators:
      if (!addIncome(context, curatorPool(context, item.id), amount, parameter(context, 'window')))
        return toTreasury(context, amount)
      return NATIVE.datanets
    default:
      return toTreasury(context, amount)
  }
}

function toTreasury(context: CallContext, amount: bigint): Address {
  context.write(treasury, context.read(treasury) + amount)
  return NATIVE.attribution
}

function addressOf(id: bigint): Address {
  return `0x${id.toString(16).padStart(40, '0')}`
}
