/** A store in memory, for tests and for throw-away chains. */
import type { RangeOptions, Store, StoreOperation } from './store.ts'
import type { Table } from './tables.ts'

type Entries = Map<string, [Uint8Array, Uint8Array]>

/** Bytes as a string of the same order. */
const name = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')

export class MemoryStore implements Store {
  readonly #tables = new Map<Table, Entries>()

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    return this.#tables.get(table)?.get(name(key))?.[1]
  }

  async getMany(table: Table, keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return keys.map((key) => this.get(table, key))
  }

  async write(operations: StoreOperation[]): Promise<void> {
    for (const operation of operations) {
      let entries = this.#tables.get(operation.table)
      if (entries === undefined) {
        entries = new Map()
        this.#tables.set(operation.table, entries)
      }
      if (operation.type === 'del') entries.delete(name(operation.key))
      else entries.set(name(operation.key), [operation.key.slice(), operation.value.slice()])
    }
  }

  async *range(table: Table, options: RangeOptions = {}): AsyncIterable<[Uint8Array, Uint8Array]> {
    const from = options.gte === undefined ? undefined : name(options.gte)
    const to = options.lt === undefined ? undefined : name(options.lt)
    const found = [...(this.#tables.get(table) ?? new Map())]
      .filter(([key]) => (from === undefined || key >= from) && (to === undefined || key < to))
      .sort(([a], [b]) => (a < b ? -1 : 1))
    if (options.reverse) found.reverse()
    for (const [, [key, value]] of found.slice(0, options.limit)) yield [key, value]
  }

  async compact(): Promise<void> {}

  async diskSize(table: Table): Promise<number> {
    let size = 0
    for (const [key, value] of this.#tables.get(table)?.values() ?? []) size += key.length + value.length
    return size
  }

  async close(): Promise<void> {
    this.#tables.clear()
  }
}
