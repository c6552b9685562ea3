/** `openledger db stats|check DIR`: what a stopped node's database holds, and whether it is whole. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { checkDatabase } from '../node/chain/database-check.ts'
import { readOldest } from '../node/state/history-window.ts'
import { readStateHead } from '../node/state/state-records.ts'
import { type LevelStore, openLevelStore } from '../node/store/level-store.ts'
import { type TableStats, tableStats } from '../node/store/table-stats.ts'
import { SCHEMA_VERSION } from '../node/store/tables.ts'
import { UserError } from './user-error.ts'

export function dbCommand(): Command {
  const db = new Command('db').description('look into the database of a node that is not running')
  db.command('stats')
    .description('records and bytes of each table')
    .argument('<dir>', "the node's --data-dir")
    .option('--json', 'print one JSON object', false)
    .action((dir: string, { json }: { json: boolean }) => withDatabase(dir, (store) => printStats(store, json)))
  db.command('check')
    .description('check the whole database; exit code 1 where it is damaged, with the first damage named')
    .argument('<dir>', "the node's --data-dir")
    .option('--json', 'print one JSON object', false)
    .action((dir: string, { json }: { json: boolean }) => withDatabase(dir, (store) => printCheck(store, json)))
  return db
}

/** Opens the database of a data directory, or the directory itself where it is the database. */
async function withDatabase(dir: string, work: (store: LevelStore) => Promise<void>): Promise<void> {
  const path = [join(dir, 'chain'), dir].find((path) => existsSync(join(path, 'CURRENT')))
  if (path === undefined)
    throw new UserError(`${dir} holds no database: give the --data-dir of a sequencer or verifier`)
  const store = await openLevelStore(path)
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

async function printStats(store: LevelStore, json: boolean): Promise<void> {
  const tables = await tableStats(store)
  const sum = (field: 'records' | 'bytes' | 'disk') => tables.reduce((total, table) => total + table[field], 0)
  const head = readStateHead(store)
  const report = {
    schema: SCHEMA_VERSION,
    head: head === undefined ? null : Number(head.number),
    oldestState: Number(readOldest(store)),
    records: sum('records'),
    bytes: sum('bytes'),
    disk: sum('disk'),
    tables: Object.fromEntries(tables.map(({ table, ...figures }) => [table, figures])),
  }
  if (json) console.log(JSON.stringify(report))
  else {
    console.log(
      `schema ${report.schema}, state of block ${report.head ?? 'none'}, kept from block ${report.oldestState} on`,
    )
    for (const line of [...tables, { table: 'total', ...report }]) console.log(statsLine(line))
  }
}

function statsLine({ table, records, bytes, disk }: Omit<TableStats, 'table'> & { table: string }): string {
  const figure = (value: number) => value.toLocaleString('en-GB').padStart(16)
  return `${table.padEnd(16)}${figure(records)} records${figure(bytes)} bytes${figure(disk)} on disk`
}

async function printCheck(store: LevelStore, json: boolean): Promise<void> {
  try {
    const checked = await checkDatabase(store)
    if (json) console.log(JSON.stringify({ whole: true, ...checked }))
    else
      console.log(
        `whole: ${Object.entries(checked)
          .map(([what, count]) => `${count} ${what}`)
          .join(', ')}`,
      )
  } catch (error) {
    const damage = (error as Error).message
    if (json) console.log(JSON.stringify({ whole: false, damage }))
    else console.error(`openledger: ${damage}`)
    process.exitCode = 1
  }
}
