/**
 * Settles what was answered: attributes requests, puts them into batches with their channels' best vouchers,
 * and reads from the logs which the chain took. A batch that fails as a whole is halved; a leaf that the chain
 * skips for a reason that may pass is tried again later, ever more slowly; one that can never pass is
 * abandoned, with the reason in the journal.
 */
import { EventEmitter } from 'node:events'
import type { Hash, Hex } from 'viem'
import type { SettleVoucher } from '../../client/index.ts'
import { LEAF_SKIP_REASON } from '../../genesis/abi/attribution.ts'
import { WorkerBusyError } from '../work/supervisor.ts'
import { type BookedRequest, leafOf } from './answer-book.ts'
import { type AttributionModules, attribute } from './attribution.ts'
import { Retries } from './retries.ts'
import { Rounds } from './rounds.ts'

export type SettlerOptions = {
  /** Milliseconds between two looks for something to settle. */
  interval?: number
  /** Leaves of one transaction: a leaf of 32 entries writes some hundred slots. */
  maxBatch?: number
  /** Milliseconds of the longest wait before a skipped leaf is tried again. */
  maxRetryWait?: number
  /** Which of the open requests to settle one by one; all where absent. */
  choose?: (open: readonly BookedRequest[]) => readonly BookedRequest[]
}

const DEFAULTS = {
  ...{ interval: 2_000, maxBatch: 4, maxRetryWait: 300_000 },
  choose: (open: readonly BookedRequest[]) => open,
}

export type SettlerEvents = {
  settled: [{ requests: Hex[]; transaction: Hash }]
  skipped: [{ request: Hex; reason: string; again: boolean }]
  voucherSkipped: [{ channel: Hex; reason: number }]
  failed: [Error]
}

/** Reasons that more stake, a better voucher, time, or a younger attribution may take away. */
const MAY_PASS: readonly number[] = [
  LEAF_SKIP_REASON.overCeiling,
  LEAF_SKIP_REASON.overDeposit,
  LEAF_SKIP_REASON.versionNotLive,
  LEAF_SKIP_REASON.staleAsOf,
  LEAF_SKIP_REASON.stakeTooSmall,
  LEAF_SKIP_REASON.withdrawnCluster,
  LEAF_SKIP_REASON.belowThreshold,
  LEAF_SKIP_REASON.tooManyEntries,
]

/** The name of a `LEAF_SKIP_REASON`. */
export const reasonName = (reason: number) =>
  Object.entries(LEAF_SKIP_REASON).find(([, number]) => number === reason)?.[0] ?? `reason ${reason}`

export class Settler {
  readonly events = new EventEmitter<SettlerEvents>()
  readonly #modules: AttributionModules
  readonly #options: typeof DEFAULTS
  /** Requests that were skipped. */
  readonly #retries: Retries
  /** To be attributed anew: the chain did not like the attribution that there is. */
  readonly #outdated = new Set<Hex>()
  readonly #rounds: Rounds

  constructor(modules: AttributionModules, options: SettlerOptions = {}) {
    this.#modules = modules
    this.#options = { ...DEFAULTS, ...options }
    this.#retries = new Retries(this.#options)
    const onFailure = (error: Error) => void this.events.emit('failed', error)
    this.#rounds = new Rounds({ round: () => this.#settleDue(), onFailure }, this.#options)
  }

  start(): void {
    this.#rounds.start()
  }

  /** After the round under way. */
  stop(): Promise<void> {
    return this.#rounds.stop()
  }

  /** Attributes everything that waits and settles it, after the round under way; what `start` does at every interval. */
  settleAll(): Promise<void> {
    return this.#rounds.now()
  }

  async #settleDue(): Promise<void> {
    const due = this.#options.choose(this.#modules.book.open()).filter(({ request }) => this.#retries.isDue(request))
    if (due.length === 0) return
    await this.#attributeAll(due)
    const attributed = due.filter((request) => request.attribution && !this.#outdated.has(request.request))
    for (let start = 0; start < attributed.length; start += this.#options.maxBatch) {
      await this.#settleBatch(attributed.slice(start, start + this.#options.maxBatch))
    }
  }

  async #attributeAll(requests: readonly BookedRequest[]): Promise<void> {
    const [{ number }, { maxLeafAge }] = await Promise.all([this.#modules.chain.head(), this.#modules.chain.rules()])
    for (const request of requests) {
      const { attribution } = request
      const young = attribution && number - attribution.asOf < maxLeafAge / 2n
      if (young && !this.#outdated.has(request.request)) continue
      try {
        await attribute(this.#modules, request)
        this.#outdated.delete(request.request)
      } catch (error) {
        // Busy with answers: the next round comes soon.
        if (error instanceof WorkerBusyError) return
        this.#retries.later(request.request)
        this.events.emit('failed', new Error(`request ${request.request} was not attributed`, { cause: error }))
      }
    }
  }

  async #settleBatch(requests: BookedRequest[]): Promise<void> {
    const { book, chain } = this.#modules
    const channels = new Set(requests.map(({ receipt }) => receipt.channel))
    const vouchers = [...channels]
      .map((channel) => book.voucherOf(channel))
      .filter((voucher): voucher is SettleVoucher => voucher !== undefined)
    let outcome: Awaited<ReturnType<typeof chain.settle>>
    try {
      outcome = await chain.settle(requests.map(leafOf), vouchers)
    } catch (error) {
      if (requests.length === 1) throw error
      const half = requests.length >> 1
      await this.#settleBatch(requests.slice(0, half))
      await this.#settleBatch(requests.slice(half))
      return
    }
    const { settled, skipped, vouchersSkipped, transaction } = outcome
    for (const request of settled) await book.record({ type: 'settled', request, transaction })
    if (settled.length > 0) this.events.emit('settled', { requests: settled, transaction })
    for (const skip of skipped) await this.#skipped(skip)
    for (const skip of vouchersSkipped) this.events.emit('voucherSkipped', skip)
  }

  async #skipped({ request, reason }: { request: Hex; reason: number }): Promise<void> {
    const { book } = this.#modules
    if (reason === LEAF_SKIP_REASON.alreadySettled) {
      // Sent by an earlier life of this process, which did not live to write it down.
      await book.record({ type: 'settled', request })
      return
    }
    const again = MAY_PASS.includes(reason)
    this.events.emit('skipped', { request, reason: reasonName(reason), again })
    if (!again) {
      this.#retries.forget(request)
      return book.record({ type: 'abandoned', request, reason: reasonName(reason) })
    }
    this.#outdated.add(request)
    this.#retries.later(request)
  }
}
