/**
 * Past values. Every record says which block wrote it; the record that it replaced is kept under that block's
 * number, so the values of one key are a chain that a reader follows back to the block it asks for, and a revert
 * puts back what the last blocks replaced.
 *
 *   changes: number u64 -> number of buckets u16
 *   history: number u64 ‖ bucket u16 -> (table u8 ‖ key length u8 ‖ record length u32 ‖ key ‖ replaced record)*
 *
 * A key's bucket is its FNV-1a hash modulo the number of buckets: some twenty keys to a bucket cost a tenth of the
 * writes that one entry a key would, and a reader scans one bucket. An empty record: there was none before.
 */
import { numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { changedAt, isRemoval } from './record.ts'

/** A block whose state is not (or no longer) in the database. */
export class StateUnavailableError extends Error {
  override name = 'StateUnavailableError'
}

/** What stood under a key before a block. */
export type Replaced = { table: Table; key: Uint8Array; before: Uint8Array | undefined }

const KEYS_PER_BUCKET = 20
const ENTRY_HEAD = 6

/** What makes a block's history. */
export function historyOperations(number: number, replaced: Replaced[]): StoreOperation[] {
  const count = Math.min(0xffff, Math.max(1, Math.ceil(replaced.length / KEYS_PER_BUCKET)))
  const buckets: Replaced[][] = Array.from({ length: count }, () => [])
  for (const entry of replaced) buckets[bucketOf(entry.table, entry.key, count)]!.push(entry)
  const operations: StoreOperation[] = [
    { type: 'put', table: TABLES.changes, key: changesKey(number), value: Uint8Array.of(count >> 8, count & 255) },
  ]
  for (const [bucket, entries] of buckets.entries()) {
    operations.push({
      type: 'put',
      table: TABLES.history,
      key: historyKey(number, bucket),
      value: encodeBucket(entries),
    })
  }
  return operations
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
    const at = changedAt(record)
    const replaced = findReplaced(store, at, table, key)
    if (replaced === undefined)
      throw new StateUnavailableError(`state of block ${number} is no longer kept (replaced in block ${at})`)
    record = replaced.length === 0 ? undefined : replaced
  }
  return record === undefined || isRemoval(record) ? undefined : record
}

/** Forgets what block `number` replaced: states before it can no longer be read. */
export function pruneOperations(store: Store, number: number): StoreOperation[] {
  const buckets = bucketsOf(store, number)
  if (buckets === undefined) return []
  const operations: StoreOperation[] = dropOperations(number, buckets.length)
  for (const { table, key } of buckets.flatMap(decodeBucket)) {
    const record = store.get(table, key)
    if (record !== undefined && isRemoval(record) && changedAt(record) === number)
      operations.push({ type: 'del', table, key })
  }
  return operations
}

/** What brings every key back to what it was after block `to`, given that `from` is the newest. */
export function revertOperations(store: Store, from: number, to: number): StoreOperation[] {
  const restored = new Map<string, StoreOperation>()
  const dropped: StoreOperation[] = []
  for (let number = from; number > to; number--) {
    const buckets = bucketsOf(store, number)
    if (buckets === undefined)
      throw new StateUnavailableError(`cannot go back to block ${to}: what block ${number} replaced is no longer kept`)
    dropped.push(...dropOperations(number, buckets.length))
    for (const { table, key, before } of buckets.flatMap(decodeBucket)) {
      const name = `${table}:${Buffer.from(key).toString('latin1')}`
      restored.set(
        name,
        before === undefined ? { type: 'del', table, key } : { type: 'put', table, key, value: before },
      )
    }
  }
  return [...restored.values(), ...dropped]
}

function dropOperations(number: number, buckets: number): StoreOperation[] {
  const operations: StoreOperation[] = [{ type: 'del', table: TABLES.changes, key: changesKey(number) }]
  for (let i = 0; i < buckets; i++) operations.push({ type: 'del', table: TABLES.history, key: historyKey(number, i) })
  return operations
}

/** Empty where there was no record; undefined where the block's history is not kept. */
function findReplaced(store: Store, number: number, table: Table, key: Uint8Array): Uint8Array | undefined {
  const count = bucketCount(store, number)
  if (count === undefined) return undefined
  const bucket = readBucket(store, number, bucketOf(table, key, count))
  for (let at = 0; at < bucket.length; ) {
    const { keyStart, recordStart, end } = entryAt(bucket, at)
    if (bucket[at] === table && Buffer.compare(bucket.subarray(keyStart, recordStart), key) === 0)
      return bucket.subarray(recordStart, end)
    at = end
  }
  throw new Error(`damaged database: block ${number} wrote a record without keeping the one before`)
}

function bucketsOf(store: Store, number: number): Uint8Array[] | undefined {
  const count = bucketCount(store, number)
  return count === undefined ? undefined : Array.from({ length: count }, (_, i) => readBucket(store, number, i))
}

function bucketCount(store: Store, number: number): number | undefined {
  const bytes = store.get(TABLES.changes, changesKey(number))
  return bytes && (bytes[0]! << 8) | bytes[1]!
}

function readBucket(store: Store, number: number, bucket: number): Uint8Array {
  const bytes = store.get(TABLES.history, historyKey(number, bucket))
  if (bytes === undefined) throw new Error(`damaged database: history of block ${number} lacks bucket ${bucket}`)
  return bytes
}

function bucketOf(table: Table, key: Uint8Array, count: number): number {
  let hash = Math.imul(0x811c9dc5 ^ table, 0x01000193)
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193)
  return (hash >>> 0) % count
}

function encodeBucket(entries: Replaced[]): Uint8Array {
  const length = entries.reduce((sum, { key, before }) => sum + ENTRY_HEAD + key.length + (before?.length ?? 0), 0)
  const bytes = Buffer.allocUnsafe(length)
  let at = 0
  for (const { table, key, before } of entries) {
    bytes[at] = table
    bytes[at + 1] = key.length
    bytes.writeUInt32BE(before?.length ?? 0, at + 2)
    bytes.set(key, at + ENTRY_HEAD)
    at += ENTRY_HEAD + key.length
    if (before === undefined) continue
    bytes.set(before, at)
    at += before.length
  }
  return bytes
}

function decodeBucket(bucket: Uint8Array): Replaced[] {
  const entries: Replaced[] = []
  for (let at = 0; at < bucket.length; ) {
    const { keyStart, recordStart, end } = entryAt(bucket, at)
    const before = end === recordStart ? undefined : bucket.subarray(recordStart, end)
    entries.push({ table: tableOf(bucket[at]!), key: bucket.subarray(keyStart, recordStart), before })
    at = end
  }
  return entries
}

function entryAt(bucket: Uint8Array, at: number): { keyStart: number; recordStart: number; end: number } {
  const length = new DataView(bucket.buffer, bucket.byteOffset).getUint32(at + 2)
  const keyStart = at + ENTRY_HEAD
  const recordStart = keyStart + bucket[at + 1]!
  return { keyStart, recordStart, end: recordStart + length }
}

const RECORD_TABLES = [TABLES.accounts, TABLES.slots, TABLES.accountNodes, TABLES.slotNodes] as const

function tableOf(number: number): Table {
  const table = RECORD_TABLES.find((table) => table === number)
  if (table === undefined) throw new Error(`damaged database: history of table ${number}, which keeps none`)
  return table
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
