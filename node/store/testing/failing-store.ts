/**
 * A store that fails at its k-th write, as disks do: before the bytes reach it, or just after them with the success
 * unreported. All later writes fail, too. Its errors carry a code, as those of the file system.
 */
import type { RangeOptions, Store, StoreOperation } from '../store.ts'
import type { Table } from '../tables.ts'

export type Failure = {
  /** The number (from 1) of the first write that fails. */
  at: number
  /** Whether that write still reaches the store. */
  written: boolean
  /** EIO where nothing else is said; ENOSPC: the disk is full. */
  code?: 'EIO' | 'ENOSPC'
  /** The write neither fails nor returns. */
  hangs?: boolean
}

export class FailingStore implements Store {
  private readonly inner: Store
  private readonly failure: Failure
  private hang: () => void = () => undefined
  /** Resolves when a write hangs. */
  readonly hung: Promise<void> = new Promise((resolve) => {
    this.hang = resolve
  })
  writes = 0

  constructor(inner: Store, failure: Failure) {
    this.inner = inner
    this.failure = failure
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    return this.inner.get(table, key)
  }

  getMany(table: Table, keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.inner.getMany(table, keys)
  }

  async write(operations: StoreOperation[], options?: { sync?: boolean }): Promise<void> {
    this.writes++
    const { at, written, code = 'EIO', hangs = false } = this.failure
    const fails = this.writes >= at
    if (!fails || (written && this.writes === at)) await this.inner.write(operations, options)
    if (fails && hangs) await new Promise(() => this.hang())
    if (fails) throw Object.assign(new Error(`${code}: disk failed at write ${this.writes}`), { code })
  }

  range(table: Table, options?: RangeOptions): AsyncIterable<[Uint8Array, Uint8Array]> {
    return this.inner.range(table, options)
  }

  compact(table: Table, range?: Pick<RangeOptions, 'gte' | 'lt'>): Promise<void> {
    return this.inner.compact(table, range)
  }

  diskSize(table: Table): Promise<number> {
    return this.inner.diskSize(table)
  }

  close(): Promise<void> {
    return this.inner.close()
  }
}
