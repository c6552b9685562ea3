/**
 * What executing one block reads of the database, record by record: enough to execute it again, roots included, where there is
 * no database. Absent records are part of it. Reads alone; nothing can be written.
 */
import type { Hex } from 'viem'
import { toHex } from '../../protocol/hex.ts'
import { hexKey } from '../store/key.ts'
import type { Store } from '../store/store.ts'
import { TABLES, type Table, type TableName } from '../store/tables.ts'

/** Value null: the store has no such record. */
export type WitnessRecord = { table: TableName; key: Hex; value: Hex | null }

/** A record was asked for that was not read when the witness was made: execution went another way. */
export class WitnessGapError extends Error {
  override name = 'WitnessGapError'
}

const NAMES = new Map(Object.entries(TABLES).map(([name, table]) => [table, name as TableName]))
const refuse = (what: string) => async (): Promise<never> => {
  throw new Error(`a state witness cannot ${what}`)
}

const READ_ONLY = {
  write: refuse('be written'),
  compact: refuse('be compacted'),
  diskSize: refuse('be measured'),
  close: async () => {},
  range(): never {
    throw new Error('a state witness has no order')
  },
}

/** A view of a store that remembers what was read. */
export function recordingStore(store: Store): { store: Store; records: () => WitnessRecord[] } {
  const read = new Map<string, WitnessRecord>()
  const get = (table: Table, key: Uint8Array) => {
    const value = store.get(table, key)
    const record = { table: NAMES.get(table)!, key: toHex(key), value: value === undefined ? null : toHex(value) }
    read.set(record.table + record.key, record)
    return value
  }
  return { store: { ...READ_ONLY, get, getMany: each(get) }, records: () => [...read.values()] }
}

/** A store that holds a witness and nothing else. Throws {@link WitnessGapError} when asked for more. */
export function witnessStore(records: WitnessRecord[]): Store {
  const held = new Map(
    records.map(({ table, key, value }) => [table + key, value === null ? undefined : hexKey(value)]),
  )
  const get = (table: Table, key: Uint8Array) => {
    const name = NAMES.get(table)! + toHex(key)
    if (!held.has(name)) throw new WitnessGapError(`the bundle has no record of ${NAMES.get(table)} ${toHex(key)}`)
    return held.get(name)
  }
  return { ...READ_ONLY, get, getMany: each(get) }
}

const each = (get: Store['get']) => async (table: Table, keys: Uint8Array[]) => keys.map((key) => get(table, key))
