/**
 * The database as the rooms above see it: numbered tables of byte keys and byte values, synchronous
 * reads, asynchronous atomic writes. A block's changes of all rooms go into one `write`, so that a crash
 * at any instruction leaves either the whole block or nothing of it.
 */
import type { Table } from './tables.ts'

export type StoreOperation =
  | { type: 'put'; table: Table; key: Uint8Array; value: Uint8Array }
  | { type: 'del'; table: Table; key: Uint8Array }

export type RangeOptions = {
  /** First key, included; from the table's start where absent. */
  gte?: Uint8Array
  /** Last key, excluded; to the table's end where absent. */
  lt?: Uint8Array
  /** From the last key to the first. */
  reverse?: boolean
  /** At most so many entries. */
  limit?: number
}

export interface Store {
  /** The value, or undefined. Callers must not change the bytes. */
  get(table: Table, key: Uint8Array): Uint8Array | undefined
  /** Several values at once, in the order of the keys, read beside the caller's thread. Quickest for sorted keys. */
  getMany(table: Table, keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  /**
   * All operations or none, in order; after writes that were asked for before. With `sync` the promise resolves once the bytes are on the disk
   * (survives a power cut); without it they survive the process's death alone. After a write that failed all others are
   * refused: nobody knows what the disk holds until the store is opened anew.
   */
  write(operations: StoreOperation[], options?: { sync?: boolean }): Promise<void>
  /** Entries in order of keys, as they were when iteration began. */
  range(table: Table, options?: RangeOptions): AsyncIterable<[Uint8Array, Uint8Array]>
  /** Gives the space of removed entries in a range back to the disk. */
  compact(table: Table, range?: Pick<RangeOptions, 'gte' | 'lt'>): Promise<void>
  /** About how many bytes a table takes on the disk; what was written last may be missing. */
  diskSize(table: Table): Promise<number>
  close(): Promise<void>
}

/** The database cannot be opened; the message is one line for the operator. */
export class StoreError extends Error {
  override name = 'StoreError'
}
