/**
 * Past values. Every record says which block wrote it; what it replaced is kept under that block's number
 * (replaced-record.ts), so the values of one key are a chain that a reader follows back to the block it asks for, and
 * a revert puts back what the last blocks replaced.
 *
 *   changes: number u64 -> number of buckets u16 ‖ (table u8 ‖ key length u8 ‖ key)* of the keys that the block removed
 *   history: number u64 ‖ bucket u16 -> entries
 *
 * A key's bucket is its FNV-1a hash modulo the number of buckets: some thirty keys to a bucket cost a small part of the
 * writes that one entry a key would, and a reader scans one bucket.
 */
import { keyNumber, numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { changedAt, isRemoval, strideBefore } from './record.ts'
import {
  ENTRY_HEAD,
  type Entry,
  entriesOf,
  entryBound,
  findEntry,
  type Replacement,
  recordBefore,
  writeEntry,
} from './replaced-record.ts'

/** A block whose state is not (or no longer) in the database. */
export class StateUnavailableError extends Error {
  override name = 'StateUnavailableError'
}

/** In geth's words ("missing trie node …", "historical state … is not available"), by which tools know a pruned state. */
export function unavailable(number: bigint | number, why: string): StateUnavailableError {
  return new StateUnavailableError(`missing trie node: historical state of block ${number} is not available (${why})`)
}

const KEYS_PER_BUCKET = 32

/**
 * Gathers a block's history. Entries are written one after another as the changes come, while the record that goes is at
 * hand, and put into their buckets in the end.
 */
export class BlockHistory {
  #entries = Buffer.allocUnsafe(64 * 1024)
  /** Of each entry: where it ends, and its key's hash. */
  readonly #ends: number[] = []
  readonly #hashes: number[] = []
  readonly #removed: Uint8Array[] = []

  add(replacement: Replacement): void {
    const { table, key, value } = replacement
    const start = this.#ends.at(-1) ?? 0
    const bound = start + entryBound(replacement)
    if (bound > this.#entries.length) {
      const larger = Buffer.allocUnsafe(2 * bound)
      this.#entries.copy(larger, 0, 0, start)
      this.#entries = larger
    }
    this.#ends.push(writeEntry(this.#entries, start, replacement))
    this.#hashes.push(hashOf(table, key))
    if (isRemoval(value)) this.#removed.push(Uint8Array.of(table, key.length), key)
  }

  operations(number: number): StoreOperation[] {
    const count = Math.min(0xffff, Math.ceil(this.#ends.length / KEYS_PER_BUCKET))
    const value = Buffer.concat([Uint8Array.of(count >> 8, count & 255), ...this.#removed])
    return [
      { type: 'put', table: TABLES.changes, key: changesKey(number), value },
      ...this.#buckets(count).map((value, bucket): StoreOperation => {
        return { type: 'put', table: TABLES.history, key: historyKey(number, bucket), value }
      }),
    ]
  }

  #buckets(count: number): Buffer[] {
    const lengths = new Uint32Array(count)
    for (const [i, end] of this.#ends.entries()) lengths[this.#hashes[i]! % count]! += end - (this.#ends[i - 1] ?? 0)
    const buckets = Array.from(lengths, (length) => Buffer.allocUnsafe(length))
    const ends = new Uint32Array(count)
    for (const [i, end] of this.#ends.entries()) {
      const bucket = this.#hashes[i]! % count
      ends[bucket]! += this.#entries.copy(buckets[bucket]!, ends[bucket]!, this.#ends[i - 1] ?? 0, end)
    }
    return buckets
  }
}

/** The record that held after block `number`, given the newest one; undefined where there was none. */
export function recordAt(
  store: Store,
  table: Table,
  key: Uint8Array,
  newest: Uint8Array | undefined,
  number: number,
): Uint8Array | undefined {
  let record = newest
  while (record !== undefined && changedAt(record) > number) {
    const at = strideBefore(record, number)
    const entry = entryOf(store, at, table, key)
    if (entry === undefined) throw unavailable(number, `what block ${at} replaced is no longer kept`)
    record = recordBefore(entry, record)
  }
  return record === undefined || isRemoval(record) ? undefined : record
}

/** Forgets what block `number` replaced: states before it can no longer be read. */
export function pruneOperations(store: Store, number: number): StoreOperation[] {
  const changes = store.get(TABLES.changes, changesKey(number))
  if (changes === undefined) return []
  const operations = dropOperations(number, countOf(changes))
  for (let at = 2; at < changes.length; ) {
    const table = changes[at] as Table
    const key = changes.subarray(at + 2, at + 2 + changes[at + 1]!)
    const record = store.get(table, key)
    if (record !== undefined && isRemoval(record) && changedAt(record) === number)
      operations.push({ type: 'del', table, key })
    at += 2 + key.length
  }
  return operations
}

/** What brings every key back to what it was after block `to`, given that `from` is the newest. */
export function revertOperations(store: Store, from: number, to: number): StoreOperation[] {
  const reached = new Map<string, { table: Table; key: Uint8Array; record: Uint8Array | undefined }>()
  const dropped: StoreOperation[] = []
  for (let number = from; number > to; number--) {
    const changes = store.get(TABLES.changes, changesKey(number))
    if (changes === undefined)
      throw new StateUnavailableError(`cannot go back to block ${to}: what block ${number} replaced is no longer kept`)
    const count = countOf(changes)
    dropped.push(...dropOperations(number, count))
    for (let bucket = 0; bucket < count; bucket++) {
      for (const entry of entriesOf(readBucket(store, number, bucket))) {
        const { table, key } = entry
        const name = `${table}:${Buffer.from(key).toString('latin1')}`
        const newer = reached.get(name)?.record ?? store.get(table, key)
        if (newer === undefined) throw new Error(`damaged database: block ${number} wrote a record that is not there`)
        reached.set(name, { table, key, record: recordBefore(entry, newer) })
      }
    }
  }
  const restored = Array.from(reached.values(), ({ table, key, record }): StoreOperation => {
    return record === undefined ? { type: 'del', table, key } : { type: 'put', table, key, value: record }
  })
  return [...restored, ...dropped]
}

/** The end of the history of blocks up to `number`, as a key of `history` and `changes`. */
export function historyEnd(number: number): Uint8Array {
  return changesKey(number + 1)
}

/** Counts the blocks with a history: there must be one after another from `oldest` to `newest`, each with its buckets. */
export async function checkHistory(store: Store, oldest: number, newest: number): Promise<number> {
  let expected = oldest + 1
  for await (const [key, changes] of store.range(TABLES.changes)) {
    const number = Number(keyNumber(key))
    if (number !== expected)
      throw new Error(`damaged database: history of block ${expected} is missing, ${number} follows`)
    for (let bucket = 0; bucket < countOf(changes); bucket++) checkBucket(readBucket(store, number, bucket), number)
    expected++
  }
  if (expected !== newest + 1)
    throw new Error(`damaged database: history ends with block ${expected - 1}, the state is that of block ${newest}`)
  return newest - oldest
}

/** Every entry of a bucket can be read. */
function checkBucket(bucket: Uint8Array, number: number): void {
  let read = 0
  for (const { key, body } of entriesOf(bucket)) read += ENTRY_HEAD + key.length + body.length
  if (read !== bucket.length) throw new Error(`damaged database: a bucket of the history of block ${number} is cut off`)
}

function dropOperations(number: number, buckets: number): StoreOperation[] {
  const operations: StoreOperation[] = [{ type: 'del', table: TABLES.changes, key: changesKey(number) }]
  for (let i = 0; i < buckets; i++) operations.push({ type: 'del', table: TABLES.history, key: historyKey(number, i) })
  return operations
}

/** What a block kept of a key; undefined where the block's history is not kept. */
function entryOf(store: Store, number: number, table: Table, key: Uint8Array): Entry | undefined {
  const changes = store.get(TABLES.changes, changesKey(number))
  if (changes === undefined) return undefined
  const entry = findEntry(readBucket(store, number, hashOf(table, key) % countOf(changes)), table, key)
  if (entry === undefined)
    throw new Error(`damaged database: block ${number} wrote a record without keeping the one before`)
  return entry
}

function countOf(changes: Uint8Array): number {
  return (changes[0]! << 8) | changes[1]!
}

function readBucket(store: Store, number: number, bucket: number): Uint8Array {
  const bytes = store.get(TABLES.history, historyKey(number, bucket))
  if (bytes === undefined) throw new Error(`damaged database: history of block ${number} lacks bucket ${bucket}`)
  return bytes
}

/** FNV-1a. */
function hashOf(table: Table, key: Uint8Array): number {
  let hash = Math.imul(0x811c9dc5 ^ table, 0x01000193)
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193)
  return hash >>> 0
}

function changesKey(number: number): Uint8Array {
  return numberKey(BigInt(number))
}

function historyKey(number: number, bucket: number): Uint8Array {
  const key = new Uint8Array(10)
  const view = new DataView(key.buffer)
  view.setBigUint64(0, BigInt(number))
  view.setUint16(8, bucket)
  return key
}
