/**
 * Which open requests go into a batch, and which are settled one by one. A batch spends all numbers of a channel up to its
 * last, so a channel is batched only where nothing below would be left behind:
 *
 *     number 0, and numbers at or below one that is settled      no batch may take them: one by one, first
 *     the channel's others                                       wait meanwhile; all one by one where that takes too long
 *     a channel that a batch cannot take (why: set aside)        all one by one, for a time
 *     every other channel                                        by a batch, in order
 */
import type { Hex } from 'viem'
import type { AnswerBook, BookedRequest } from './answer-book.ts'

export class BatchChoice {
  readonly #book: AnswerBook
  /** Milliseconds. */
  readonly #longestWait: number
  /** Since when (performance.now) a request is known to be open. */
  readonly #since = new Map<Hex, number>()
  /** Until when channels are settled one by one. */
  readonly #aside = new Map<Hex, number>()

  constructor(modules: { book: AnswerBook }, options: { longestWait: number }) {
    this.#book = modules.book
    this.#longestWait = options.longestWait
  }

  /** Has the channel's requests settled one by one for a while. */
  setAside(channel: Hex): void {
    this.#aside.set(channel, performance.now() + 10 * this.#longestWait)
  }

  /** Milliseconds for which the request has been open in this process. */
  age({ request }: BookedRequest): number {
    return performance.now() - (this.#since.get(request) ?? performance.now())
  }

  /** Requests to settle one by one. */
  singles(): BookedRequest[] {
    return this.#channels().flatMap(({ own, alone }) =>
      alone.some((request) => this.age(request) >= this.#longestWait) ? own : alone,
    )
  }

  /** Channels that a batch may take, each with all of its requests by number; who waits longest comes first. */
  batchable(): BookedRequest[][] {
    const free = this.#channels().filter(({ alone }) => alone.length === 0)
    return free.map(({ own }) => own.toSorted((a, b) => (a.receipt.n < b.receipt.n ? -1 : 1)))
  }

  /** In order of their oldest request. `alone`: of these, what no batch may take. */
  #channels(): { own: BookedRequest[]; alone: BookedRequest[] }[] {
    const open = this.#book.open()
    const now = performance.now()
    for (const { request } of open) if (!this.#since.has(request)) this.#since.set(request, now)
    if (this.#since.size > 2 * open.length + 1_000) this.#forget(open)
    return [...Map.groupBy(open, ({ receipt }) => receipt.channel)].map(([channel, own]) => {
      const settledTo = this.#book.settledTo(channel)
      const isAside = (this.#aside.get(channel) ?? 0) > now
      return { own, alone: isAside ? own : own.filter(({ receipt }) => receipt.n <= settledTo) }
    })
  }

  /** What is not open any more. */
  #forget(open: readonly BookedRequest[]): void {
    const known = new Set(open.map(({ request }) => request))
    for (const request of this.#since.keys()) if (!known.has(request)) this.#since.delete(request)
  }
}
