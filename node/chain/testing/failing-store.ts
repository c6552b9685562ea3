/** A store that dies at its k-th write: before the bytes, as a crash would, or just after them, with the success unreported. */
import type { RangeOptions, Store, StoreOperation } from '../../store/store.ts'
import type { Table } from '../../store/tables.ts'

export class FailingStore implements Store {
  private readonly inner: Store
  private readonly failAt: number
  private readonly written: boolean
  writes = 0

  /** The write with this number (from 1) and all later ones fail; `written`: that one still reaches the inner store. */
  constructor(inner: Store, failAt: number, written: boolean) {
    this.inner = inner
    this.failAt = failAt
    this.written = written
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    return this.inner.get(table, key)
  }

  async write(operations: StoreOperation[], options?: { sync?: boolean }): Promise<void> {
    this.writes++
    if (this.writes === this.failAt && this.written) await this.inner.write(operations, options)
    if (this.writes >= this.failAt) throw new Error(`disk failed at write ${this.writes}`)
    await this.inner.write(operations, options)
  }

  range(table: Table, options?: RangeOptions): AsyncIterable<[Uint8Array, Uint8Array]> {
    return this.inner.range(table, options)
  }

  close(): Promise<void> {
    return this.inner.close()
  }
}
