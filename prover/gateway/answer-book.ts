/**
 * What the gateway has answered and what became of it, over the journal: first the line on disk, then the
 * memory. Texts and queries stay in the file; memory holds what settling needs.
 */
import type { Hex } from 'viem'
import type { SettleVoucher } from '../../client/index.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import type { AnswerReceipt } from '../../protocol/receipt.ts'
import { settlementLeaf } from '../attribute/settlement-leaf.ts'
import { BatchBook, type BookedBatch } from './batch-book.ts'
import { Journal, JournalError, type JournalPlace } from './journal.ts'
import type { Answered, Attributed, BatchRecord, JournalRecord } from './journal-record.ts'

/** `batched`: a batch settles it; it becomes `settled` where it is drawn and shown. */
export type RequestStatus = 'answered' | 'attributed' | 'batched' | 'settled' | 'abandoned'

/** A request in memory. */
export type BookedRequest = {
  request: Hex
  artifact: Hex
  receipt: AnswerReceipt
  answered: JournalPlace
  /** Where its query lies; with what its leaf is made of. */
  attribution?: { place: JournalPlace; asOf: bigint; queryHash: Hex; entries: Leaf['entries'] }
  transaction?: Hex
  reason?: string
  status: RequestStatus
}

export type BookCounts = Record<RequestStatus, number> & {
  /** Wei of all receipts that were not abandoned. */
  feesWei: bigint
}

export class AnswerBook {
  #journal!: Journal
  readonly #requests = new Map<Hex, BookedRequest>()
  /** Not settled and not abandoned, in order of arrival. */
  readonly #open = new Map<Hex, BookedRequest>()
  /** Wei of all receipts of a channel. */
  readonly #fees = new Map<Hex, bigint>()
  readonly #vouchers = new Map<Hex, SettleVoucher>()
  readonly #batches = new BatchBook()
  /** By channel: the highest number that was answered, that a batch was planned with, and that is settled. */
  readonly #answeredTo = new Map<Hex, bigint>()
  readonly #plannedTo = new Map<Hex, bigint>()
  readonly #settledTo = new Map<Hex, bigint>()

  private constructor() {}

  /** Opens the journal and reads back what it says. */
  static async open(path: string): Promise<AnswerBook> {
    const book = new AnswerBook()
    book.#journal = await Journal.open(path, (record, place) => book.#apply(record, place))
    return book
  }

  async record(record: JournalRecord): Promise<void> {
    this.#apply(record, await this.#journal.append(record))
  }

  get(request: Hex): BookedRequest | undefined {
    return this.#requests.get(request)
  }

  /** The whole answer as it was given. */
  async answered({ answered }: BookedRequest): Promise<Answered> {
    const record = await this.#journal.read(answered)
    if (record.type !== 'answered') throw new JournalError(`expected an answer at byte ${answered.offset}`)
    return record
  }

  /** The whole attribution with its query; undefined while there is none. */
  async attributed({ attribution }: BookedRequest): Promise<Attributed | undefined> {
    if (!attribution) return undefined
    const record = await this.#journal.read(attribution.place)
    if (record.type !== 'attributed')
      throw new JournalError(`expected an attribution at byte ${attribution.place.offset}`)
    return record
  }

  /** Wei of all receipts given on a channel and not abandoned. */
  feesOf(channel: Hex): bigint {
    return this.#fees.get(channel) ?? 0n
  }

  /** The voucher of a channel with the highest ceiling. */
  voucherOf(channel: Hex): SettleVoucher | undefined {
    return this.#vouchers.get(channel)
  }

  /** Requests that must still be settled, oldest first. */
  open(): BookedRequest[] {
    return [...this.#open.values()]
  }

  /** The highest number of the channel that was answered; undefined where there is none. */
  answeredTo(channel: Hex): bigint | undefined {
    return this.#answeredTo.get(channel)
  }

  /** The highest number of the channel that a batch was ever planned with: those up to it may be spent. */
  plannedTo(channel: Hex): bigint | undefined {
    return this.#plannedTo.get(channel)
  }

  /** The highest number of the channel that is settled, alone or by a batch: a batch takes those above. */
  settledTo(channel: Hex): bigint {
    return this.#settledTo.get(channel) ?? 0n
  }

  /** Batches for which something is left to do, oldest first. */
  batches(): BookedBatch[] {
    return this.#batches.all()
  }

  /** The leaves of a batch as they are under its root. */
  async batchLeaves({ planned }: BookedBatch): Promise<Hex[]> {
    const record = await this.#journal.read(planned)
    if (record.type !== 'batchPlanned') throw new JournalError(`expected a batch at byte ${planned.offset}`)
    return record.leaves
  }

  counts(): BookCounts {
    const counts: BookCounts = { answered: 0, attributed: 0, batched: 0, settled: 0, abandoned: 0, feesWei: 0n }
    for (const { status } of this.#requests.values()) counts[status]++
    for (const fees of this.#fees.values()) counts.feesWei += fees
    return counts
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  #apply(record: JournalRecord, place: JournalPlace): void {
    if (record.type === 'answered') {
      this.#book(record, place)
      return
    }
    if ('root' in record) {
      this.#applyBatch(record, place)
      return
    }
    const request = this.#requests.get(record.request)
    if (!request) throw new JournalError(`a journal line speaks of ${record.request}, which no line before it answered`)
    if (record.type === 'attributed') {
      const { asOf, queryHash, entries } = record
      request.attribution = { place, asOf, queryHash, entries }
      request.status = 'attributed'
      return
    }
    this.#open.delete(request.request)
    request.status = record.type
    if (record.type === 'settled') {
      raise(this.#settledTo, request.receipt.channel, request.receipt.n)
      if (record.transaction) request.transaction = record.transaction
      return
    }
    request.reason = record.reason
    this.#addFee(request.receipt.channel, -request.receipt.fee)
  }

  #applyBatch(record: BatchRecord, place: JournalPlace): void {
    const batch = this.#batches.apply(record, place)
    if (!batch) throw new JournalError(`a journal line speaks of batch ${record.root}, which no line before it planned`)
    const requests = batch.requests.map((request) => this.#requests.get(request))
    if (record.type === 'batchPlanned') {
      for (const [channel, last] of batch.last) raise(this.#plannedTo, channel, last)
      for (const request of requests) this.#batch(request, batch)
    }
    if (record.type === 'batchCommitted') {
      for (const [channel, last] of batch.last) raise(this.#settledTo, channel, last)
      for (const request of requests) this.#batch(request, batch)
    }
    if (record.type === 'batchDropped') for (const request of requests) this.#reopen(request)
  }

  #batch(request: BookedRequest | undefined, { root, committed }: BookedBatch): void {
    if (!request) throw new JournalError(`batch ${root} has a request which no line before it answered`)
    this.#open.delete(request.request)
    if (request.status === 'settled') return
    request.status = 'batched'
    if (committed) request.transaction = committed.transaction
  }

  #reopen(request: BookedRequest | undefined): void {
    if (request?.status !== 'batched') return
    request.status = 'attributed'
    delete request.transaction
    this.#open.set(request.request, request)
  }

  #book(record: Answered, place: JournalPlace): void {
    const { signature: _, ...receipt } = record.receipt
    const { request, artifact, voucher } = record
    const booked: BookedRequest = { request, artifact, receipt, answered: place, status: 'answered' }
    this.#requests.set(request, booked)
    this.#open.set(request, booked)
    this.#addFee(receipt.channel, receipt.fee)
    raise(this.#answeredTo, receipt.channel, receipt.n)
    const known = this.#vouchers.get(receipt.channel)
    if (!known || known.maxClaimableAmount < voucher.maxClaimableAmount) {
      this.#vouchers.set(receipt.channel, { channel: receipt.channel, ...voucher })
    }
  }

  #addFee(channel: Hex, wei: bigint): void {
    this.#fees.set(channel, this.feesOf(channel) + wei)
  }
}

function raise(numbers: Map<Hex, bigint>, channel: Hex, n: bigint): void {
  const known = numbers.get(channel)
  if (known === undefined || known < n) numbers.set(channel, n)
}

/** The leaf of an attributed request. */
export function leafOf({ request, receipt, attribution }: BookedRequest): Leaf {
  if (!attribution) throw new Error(`request ${request} is not attributed yet`)
  return settlementLeaf(receipt, attribution)
}
