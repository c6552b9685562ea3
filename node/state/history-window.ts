/**
 * How much of the past is kept. Each block drops what has left the window (some blocks at a time, where the window was made
 * smaller or is new), in the block's own write; `stateMeta.oldest` says from where on states can be read. LevelDB gives
 * the space of dropped entries back only when it rewrites their files, so that is asked for now and then.
 */
import { keyNumber, nameKey, numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import { historyEnd, pruneOperations } from './history.ts'

const OLDEST_KEY = nameKey('oldest')

/** Blocks dropped with one new block at most. */
const BLOCKS_AT_ONCE = 32
/** Dropped entries (of about 2 KiB) after which their space is asked back. */
const COMPACT_AFTER = 8_192

export type Pruned = { operations: StoreOperation[]; oldest: bigint }

export class HistoryWindow {
  readonly #store: Store
  readonly #blocks: bigint | undefined
  #oldest: bigint
  #dropped = 0
  #compaction: Promise<void> | undefined
  #failure: unknown

  /** `blocks` before the head are kept; all where undefined. */
  constructor(store: Store, blocks: bigint | undefined) {
    this.#store = store
    this.#blocks = blocks
    this.#oldest = readOldest(store)
  }

  /** The oldest block whose state can be read. */
  get oldest(): bigint {
    return this.#oldest
  }

  /** What leaves the window when block `number` comes. */
  prune(number: bigint): Pruned {
    if (this.#failure !== undefined) throw this.#failure
    const target = this.#blocks === undefined ? 0n : number - this.#blocks
    const operations: StoreOperation[] = []
    let oldest = this.#oldest
    for (let count = 0; count < BLOCKS_AT_ONCE && oldest < target; count++) {
      oldest++
      operations.push(...pruneOperations(this.#store, Number(oldest)))
    }
    if (oldest > this.#oldest)
      operations.push({ type: 'put', table: TABLES.stateMeta, key: OLDEST_KEY, value: numberKey(oldest) })
    return { operations, oldest }
  }

  /** After the operations were written. */
  applied({ operations, oldest }: Pruned): void {
    this.#oldest = oldest
    this.#dropped += operations.length
    if (this.#dropped < COMPACT_AFTER || this.#compaction !== undefined) return
    this.#dropped = 0
    this.#compaction = this.#compact(historyEnd(Number(oldest))).then(
      () => {
        this.#compaction = undefined
      },
      (error: unknown) => {
        this.#failure = error
      },
    )
  }

  /** Waits for a compaction under way. */
  async close(): Promise<void> {
    await this.#compaction
    if (this.#failure !== undefined) throw this.#failure
  }

  async #compact(end: Uint8Array): Promise<void> {
    for (const table of [TABLES.history, TABLES.changes]) await this.#store.compact(table, { lt: end })
  }
}

export function readOldest(store: Store): bigint {
  const value = store.get(TABLES.stateMeta, OLDEST_KEY)
  return value === undefined ? 0n : keyNumber(value)
}
