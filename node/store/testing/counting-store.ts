/** A store that counts what is read of it. */
import type { RangeOptions, Store, StoreOperation } from '../store.ts'
import type { Table } from '../tables.ts'

export class CountingStore implements Store {
  private readonly inner: Store
  /** Values asked for, by `get` and `getMany`. */
  gets = 0
  /** Entries that ranges gave. */
  entries = 0

  constructor(inner: Store) {
    this.inner = inner
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    this.gets++
    return this.inner.get(table, key)
  }

  getMany(table: Table, keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.gets += keys.length
    return this.inner.getMany(table, keys)
  }

  write(operations: StoreOperation[], options?: { sync?: boolean }): Promise<void> {
    return this.inner.write(operations, options)
  }

  async *range(table: Table, options?: RangeOptions): AsyncIterable<[Uint8Array, Uint8Array]> {
    for await (const entry of this.inner.range(table, options)) {
      this.entries++
      yield entry
    }
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
