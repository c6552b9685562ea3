/** The batches that a gateway has planned and what became of them; their leaves stay in the journal. */
import { type Hex, hexToBytes } from 'viem'
import { decodeLeaf } from '../../protocol/leaf.ts'
import { requestId } from '../../protocol/request.ts'
import type { JournalPlace } from './journal.ts'
import type { BatchPlanned, BatchRecord } from './journal-record.ts'

export type BookedBatch = {
  root: Hex
  /** L2 block before which it is not on chain. */
  from: bigint
  /** Of the oldest leaf. */
  asOf: bigint
  planned: JournalPlace
  /** In the order of its leaves. */
  requests: readonly Hex[]
  /** The highest number of each channel. */
  last: ReadonlyMap<Hex, bigint>
  /** `dropped`: its requests are open again, yet a transaction of it may be on its way still. */
  status: 'planned' | 'committed' | 'dropped'
  /** Where it is committed. */
  committed?: { batch: bigint; transaction: Hex }
}

export class BatchBook {
  readonly #batches = new Map<Hex, BookedBatch>()

  /** Those for which something is left to do, oldest first. */
  all(): BookedBatch[] {
    return [...this.#batches.values()]
  }

  /** The batch that the record speaks of, as it is after it. Undefined where no line before planned it. */
  apply(record: BatchRecord, place: JournalPlace): BookedBatch | undefined {
    if (record.type === 'batchPlanned') {
      const planned = bookedBatch(record, place)
      this.#batches.set(record.root, planned)
      return planned
    }
    const batch = this.#batches.get(record.root)
    if (!batch) return undefined
    if (record.type === 'batchOver') this.#batches.delete(record.root)
    if (record.type === 'batchDropped') batch.status = 'dropped'
    if (record.type === 'batchCommitted') {
      batch.status = 'committed'
      batch.committed = { batch: record.batch, transaction: record.transaction }
    }
    return batch
  }
}

function bookedBatch({ root, from, leaves: encoded }: BatchPlanned, planned: JournalPlace): BookedBatch {
  const leaves = encoded.map((bytes) => decodeLeaf(hexToBytes(bytes)))
  return {
    ...{ root, from, planned, status: 'planned' },
    asOf: leaves.reduce((least, { asOf }) => (asOf < least ? asOf : least), leaves[0]!.asOf),
    requests: leaves.map(({ channel, n }) => requestId(channel, n)),
    // Leaves go up by number.
    last: new Map(leaves.map(({ channel, n }) => [channel, n])),
  }
}
