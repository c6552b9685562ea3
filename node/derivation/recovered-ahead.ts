/**
 * Reads a source some way ahead and has the senders of its transactions recovered meanwhile, so that they are known when
 * the transactions execute. What comes out is what the source gives, in its order, an error in its place; nothing but
 * time depends on it. Without a function that recovers, the source is not read ahead.
 */

/** Resolves once it has done what it can about these envelopes' senders; the objects are those that will execute. */
export type RecoverSenders = (transactions: readonly Uint8Array[]) => Promise<void>

/** What is held of an item while it waits; `isLast`: nothing beyond is to be read before it is taken. */
export type HeldItem = { transactions: readonly Uint8Array[]; isLast?: boolean }

/** Of transactions that are held at once, but for one item that may be larger. */
export const MOST_AHEAD = 1_024
export const MOST_BYTES_AHEAD = 2 ** 20
/** What an item counts besides its transactions: empty blocks are bounded too. */
const ITEM_BYTES = 2 ** 12

type Waiting<T> = { result: { item: T } | { error: unknown }; count: number; bytes: number; ready: Promise<void> }

export class RecoveredAhead<T> {
  readonly #source: Iterator<T, void>
  readonly #held: (item: T) => HeldItem
  readonly #recover: RecoverSenders | undefined
  readonly #waiting: Waiting<T>[] = []
  #count = 0
  #bytes = 0
  /** The source has ended, or thrown. */
  #hasEnded = false

  constructor(source: Iterator<T, void>, held: (item: T) => HeldItem, recover: RecoverSenders | undefined) {
    this.#source = source
    this.#held = held
    this.#recover = recover
  }

  /** The next item; undefined at the end. Throws what the source threw there, or what recovering did. */
  async next(): Promise<T | undefined> {
    if (this.#recover === undefined) return this.#source.next().value ?? undefined
    // By halves, so that threads get many at a time and work on while the other half executes.
    if (this.#count <= MOST_AHEAD / 2 && this.#bytes <= MOST_BYTES_AHEAD / 2) this.#readAhead(this.#recover)
    const first = this.#waiting.shift()
    if (first === undefined) return undefined
    this.#count -= first.count
    this.#bytes -= first.bytes
    await first.ready
    if ('error' in first.result) throw first.result.error
    return first.result.item
  }

  #readAhead(recover: RecoverSenders): void {
    const transactions: Uint8Array[] = []
    const read: Omit<Waiting<T>, 'ready'>[] = []
    while (!this.#hasEnded && this.#count < MOST_AHEAD && this.#bytes < MOST_BYTES_AHEAD) {
      const next = this.#read(transactions)
      if (next === undefined) break
      read.push(next)
      this.#count += next.count
      this.#bytes += next.bytes
    }
    const ready = transactions.length === 0 ? Promise.resolve() : recover(transactions)
    // Whoever takes an item hears of it; but what was read ahead may never be taken, and that is no failure.
    ready.catch(() => undefined)
    for (const each of read) this.#waiting.push({ ...each, ready })
  }

  #read(transactions: Uint8Array[]): Omit<Waiting<T>, 'ready'> | undefined {
    try {
      const next = this.#source.next()
      if (next.done) {
        this.#hasEnded = true
        return undefined
      }
      const item = next.value
      const held = this.#held(item)
      for (const raw of held.transactions) transactions.push(raw)
      const bytes = held.transactions.reduce((sum, raw) => sum + raw.length, ITEM_BYTES)
      return { result: { item }, count: held.transactions.length, bytes: held.isLast ? MOST_BYTES_AHEAD : bytes }
    } catch (error) {
      this.#hasEnded = true
      return { result: { error }, count: 0, bytes: 0 }
    }
  }
}
