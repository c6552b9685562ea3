/** What a database holds, table by table: for operators, and for tests of what gives space back. */
import type { Store } from './store.ts'
import { TABLES, type TableName } from './tables.ts'

export type TableStats = {
  table: TableName
  records: number
  /** Bytes of keys and values. */
  bytes: number
  /** About how many bytes the table's files take; what was written last may be missing. */
  disk: number
}

/** Reads every record once, a table at a time. */
export async function tableStats(store: Store): Promise<TableStats[]> {
  const found: TableStats[] = []
  for (const [name, table] of Object.entries(TABLES)) {
    let records = 0
    let bytes = 0
    for await (const [key, value] of store.range(table)) {
      records++
      // One more for the table's own byte.
      bytes += 1 + key.length + value.length
    }
    found.push({ table: name as TableName, records, bytes, disk: await store.diskSize(table) })
  }
  return found
}
