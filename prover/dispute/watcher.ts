/**
 * Watches a chain for what to challenge: every settled leaf that can still be undone is recomputed, each once, and what differs goes to
 * the challenger. A leaf that cannot be checked now (a gateway that is away) is tried again with the next block.
 */
import { setTimeout } from 'node:timers/promises'
import type { Hex } from 'viem'
import { getBlockNumber } from 'viem/actions'
import { type NativeClient, type SignedReceipt, verifyReceipt } from '../../client/index.ts'
import type { CheckedLeaf, SettlementAuditor } from '../audit/auditor.ts'
import type { Challenger } from './challenger.ts'
import type { ClaimBook, ClaimRecord } from './claim-book.ts'
import { type Head, headOf, standingOf } from './dispute-chain.ts'
import { proofsOf } from './proofs.ts'
import type { Seats } from './seats.ts'
import type { WatchEvent } from './watch-event.ts'

export type WatcherModules = {
  client: NativeClient
  auditor: SettlementAuditor
  book: ClaimBook
  /** Absent where differences are told only. */
  challenger?: Challenger | undefined
  /** Absent where the account is no validator. */
  seats?: Seats | undefined
}

export type WatcherOptions = {
  told: (event: WatchEvent) => void
  /** Receipts that the auditor holds, by request: they speak of leaves that nobody may open, too. */
  receipts?: ReadonlyMap<Hex, SignedReceipt>
  /** Whether a settlement is watched; all where absent. */
  isWatched?: (record: ClaimRecord) => boolean
}

/** Milliseconds between two looks for a new block. */
const INTERVAL = 1_000

export class Watcher {
  readonly #modules: WatcherModules
  readonly #options: WatcherOptions
  /** Not recomputed yet. */
  readonly #unchecked = new Set<Hex>()
  /** Of these: told that they are not opened. */
  readonly #unopened = new Set<Hex>()

  constructor(modules: WatcherModules, options: WatcherOptions) {
    this.#modules = modules
    this.#options = options
  }

  /** Whether nothing is known that a later block is needed for, but for leaves that their prover does not open. */
  get isIdle(): boolean {
    const isChecked = [...this.#unchecked].every((request) => this.#unopened.has(request))
    return isChecked && (this.#modules.challenger?.isIdle ?? true)
  }

  /** Looks at the head: checks what is new, and takes challenges a step on. Rejects where the chain cannot be reached. */
  async turn(signal?: AbortSignal): Promise<void> {
    const { client, book, challenger, seats } = this.#modules
    const head = await headOf(client)
    for (const request of await book.read(head.number)) {
      if (this.#options.isWatched?.(book.get(request)!) !== false) this.#unchecked.add(request)
    }
    for (const request of this.#unchecked) {
      signal?.throwIfAborted()
      await this.#check(book.get(request)!, head).catch((error: unknown) => {
        if (!(error instanceof Error)) throw error
        this.#options.told({ type: 'failed', request, reason: error.message })
      })
    }
    await challenger?.turn(head, this.#unchecked)
    await seats?.turn(head)
  }

  /** A turn with every new block, until `signal`, or with `untilIdle` until nothing is left to be done. */
  async run({
    signal,
    interval = INTERVAL,
    untilIdle = false,
    failed,
  }: {
    signal: AbortSignal
    interval?: number
    untilIdle?: boolean
    /** Told where the chain cannot be reached; it is tried again. */
    failed: (error: Error) => void
  }): Promise<void> {
    let seen: bigint | undefined
    while (!signal.aborted) {
      try {
        const head = await getBlockNumber(this.#modules.client, { cacheTime: 0 })
        if (head !== seen) await this.turn(signal)
        seen = head
        if (untilIdle && this.isIdle) return
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof Error)) throw error
        failed(error)
      }
      await setTimeout(interval, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    }
  }

  async #check(record: ClaimRecord, head: Head): Promise<void> {
    const { client, auditor, challenger } = this.#modules
    const { told } = this.#options
    const { request, leaf, block } = record
    if ((await standingOf(client, request, head)).over) {
      this.#unchecked.delete(request)
      return
    }
    const checked = await auditor.check({ request, leaf, block })
    if (checked.outcome !== 'unopened' || !this.#unopened.has(request)) this.#tell(record, checked)
    const proofs = proofsOf({ leaf, claim: record.claim, ...(await this.#receiptOf(record)), ...checked })
    if (proofs.length > 0) challenger?.add({ request, proofs, evidence: checked.evidence })
    else if (checked.outcome === 'unopened') {
      // What is not shown today may be shown with the next block.
      this.#unopened.add(request)
      return
    } else if (checked.outcome === 'different')
      told({ type: 'unproved', request, reason: 'neither a row nor a receipt shows what differs' })
    this.#unchecked.delete(request)
  }

  #tell({ request, block }: ClaimRecord, { outcome, differences, versionDifferences }: CheckedLeaf): void {
    const { told } = this.#options
    if (outcome === 'equal') told({ type: 'checked', request, block })
    if (outcome === 'closed') told({ type: 'closed', request, block })
    for (const difference of [...versionDifferences, ...differences]) told({ type: 'difference', request, difference })
  }

  /** The receipt that the auditor holds, if the prover has signed it. */
  async #receiptOf({ request, prover }: ClaimRecord): Promise<{ receipt?: SignedReceipt }> {
    const receipt = this.#options.receipts?.get(request)
    return receipt && (await verifyReceipt(this.#modules.client, { receipt, receiver: prover })) ? { receipt } : {}
  }
}
