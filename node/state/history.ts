/**
 * Past values. Every record says which block wrote it; the record that it replaced lies in `history` under
 * that block's number, so the values of one key are a chain that a reader follows back to the block it asks
 * for. `changes` lists, by block, the keys that it replaced: what a revert must restore.
 *
 *   history: number u64 ‖ table u8 ‖ key -> replaced record (empty: there was none)
 *   changes: number u64 -> (table u8 ‖ length u8 ‖ key)*
 */
import { numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { changedAt, isRemoval } from './record.ts'

/** A block whose state is not (or no longer) in the database. */
export class StateUnavailableError extends Error {
  override name = 'StateUnavailableError'
}

export type ChangedKey = { table: Table; key: Uint8Array }

export function historyKey(number: number, table: Table, key: Uint8Array): Uint8Array {
  const whole = new Uint8Array(9 + key.length)
  new DataView(whole.buffer).setBigUint64(0, BigInt(number))
  whole[8] = table
  whole.set(key, 9)
  return whole
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
    const before = store.get(TABLES.history, historyKey(at, table, key))
    if (before === undefined)
      throw new StateUnavailableError(`state of block ${number} is no longer kept (replaced in block ${at})`)
    record = before.length === 0 ? undefined : before
  }
  return record === undefined || isRemoval(record) ? undefined : record
}

export function encodeChangedKeys(keys: ChangedKey[]): Uint8Array {
  const bytes = new Uint8Array(keys.reduce((length, { key }) => length + 2 + key.length, 0))
  let at = 0
  for (const { table, key } of keys) {
    bytes[at] = table
    bytes[at + 1] = key.length
    bytes.set(key, at + 2)
    at += 2 + key.length
  }
  return bytes
}

/** The keys that a block replaced; undefined where they are no longer kept. */
export function changedKeys(store: Store, number: number): ChangedKey[] | undefined {
  const bytes = store.get(TABLES.changes, numberKey(BigInt(number)))
  if (bytes === undefined) return undefined
  const keys: ChangedKey[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + bytes[at + 1]!
    keys.push({ table: bytes[at] as Table, key: bytes.subarray(at + 2, end) })
    at = end
  }
  return keys
}

/** Forgets what block `number` replaced: states before it can no longer be read. */
export function pruneOperations(store: Store, number: number): StoreOperation[] {
  const keys = changedKeys(store, number)
  if (keys === undefined) return []
  const operations: StoreOperation[] = [{ type: 'del', table: TABLES.changes, key: numberKey(BigInt(number)) }]
  for (const { table, key } of keys) {
    operations.push({ type: 'del', table: TABLES.history, key: historyKey(number, table, key) })
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
    const keys = changedKeys(store, number)
    if (keys === undefined)
      throw new StateUnavailableError(`cannot go back to block ${to}: what block ${number} replaced is no longer kept`)
    dropped.push({ type: 'del', table: TABLES.changes, key: numberKey(BigInt(number)) })
    for (const { table, key } of keys) {
      const past = historyKey(number, table, key)
      const before = store.get(TABLES.history, past)
      if (before === undefined) throw new Error(`damaged database: block ${number} lists a key without its record`)
      dropped.push({ type: 'del', table: TABLES.history, key: past })
      const name = `${table}:${Buffer.from(key).toString('latin1')}`
      restored.set(name, before.length === 0 ? { type: 'del', table, key } : { type: 'put', table, key, value: before })
    }
  }
  return [...restored.values(), ...dropped]
}
