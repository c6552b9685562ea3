/** What batches whose draws are open hold: fees that nobody has been credited with, and stake behind them. */
import type { Address } from '../../../genesis/addresses.ts'
import { openDraws } from '../../../protocol/sum-tree.ts'
import { batchCount, batchLayout, batchPlace } from '../attribution/batch-records.ts'
import type { CallContext } from '../calls/context.ts'
import { readRecord } from '../calls/storage-layout.ts'

/** Wei by batch. */
export function openBatches(context: CallContext): { prover: Address; fees: bigint; locked: bigint }[] {
  const count = context.read(batchCount)
  return Array.from({ length: Number(count) }, (_, i) => {
    const batch = readRecord(context, batchPlace(context, BigInt(i) + 1n), batchLayout)
    const draws = BigInt(openDraws(batch.open).length)
    return { prover: batch.prover, fees: batch.perDraw * draws, locked: batch.lockPerDraw * draws }
  })
}
