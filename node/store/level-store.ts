/** The store on disk: LevelDB through `level`, one database, tables told apart by the first byte of a key. */
import { mkdir } from 'node:fs/promises'
import { Level } from 'level'
import { nameKey } from './key.ts'
import { type RangeOptions, type Store, StoreError, type StoreOperation } from './store.ts'
import { SCHEMA_VERSION, TABLES, type Table } from './tables.ts'

type Database = Level<Uint8Array, Uint8Array>

export type LevelStoreOptions = {
  /** Bytes of uncompressed blocks that LevelDB keeps. Default 64 MiB. */
  cacheSize?: number
  /** Bytes of the write buffer (two may be held). Default 16 MiB. */
  writeBufferSize?: number
}

/**
 * Opens or creates the database in a directory. Throws {@link StoreError} with one clear line where another
 * process holds it, where it is damaged, or where it was written by another schema.
 */
export async function openLevelStore(path: string, options: LevelStoreOptions = {}): Promise<LevelStore> {
  const database: Database = new Level(path, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    cacheSize: options.cacheSize ?? 64 * 1024 * 1024,
    writeBufferSize: options.writeBufferSize ?? 16 * 1024 * 1024,
    maxFileSize: 8 * 1024 * 1024,
  })
  try {
    await mkdir(path, { recursive: true })
    await database.open()
  } catch (error) {
    throw new StoreError(reasonOf(path, error))
  }
  const store = new LevelStore(database)
  await checkSchema(store, path)
  return store
}

function reasonOf(path: string, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = (cause as { code?: string }).code
  if (code === 'LEVEL_LOCKED')
    return `database ${path} is in use by another process: stop it, or choose another data directory`
  const text = cause instanceof Error ? cause.message : String(cause)
  if (code === 'LEVEL_CORRUPTION')
    return `database ${path} is damaged (${text}): restore it, or remove the directory to sync again`
  return `database ${path} cannot be opened: ${text}`
}

async function checkSchema(store: LevelStore, path: string): Promise<void> {
  const key = nameKey('schema')
  const schema = store.get(TABLES.meta, key)
  if (schema === undefined) {
    await store.write([{ type: 'put', table: TABLES.meta, key, value: Uint8Array.of(SCHEMA_VERSION) }], { sync: true })
  } else if (schema[0] !== SCHEMA_VERSION) {
    await store.close()
    throw new StoreError(
      `database ${path} has schema ${schema[0]}, this program writes ${SCHEMA_VERSION}: use the program that wrote it, or another data directory`,
    )
  }
}

export class LevelStore implements Store {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    return this.#database.getSync(prefixed(table, key))
  }

  async write(operations: StoreOperation[], options: { sync?: boolean } = {}): Promise<void> {
    const batch = operations.map((operation) =>
      operation.type === 'put'
        ? { type: 'put' as const, key: prefixed(operation.table, operation.key), value: operation.value }
        : { type: 'del' as const, key: prefixed(operation.table, operation.key) },
    )
    await this.#database.batch(batch, { sync: options.sync ?? false })
  }

  async *range(table: Table, options: RangeOptions = {}): AsyncIterable<[Uint8Array, Uint8Array]> {
    const iterator = this.#database.iterator({
      gte: options.gte === undefined ? Uint8Array.of(table) : prefixed(table, options.gte),
      lt: options.lt === undefined ? Uint8Array.of(table + 1) : prefixed(table, options.lt),
      reverse: options.reverse ?? false,
      limit: options.limit ?? -1,
    })
    for await (const [key, value] of iterator) yield [key.subarray(1), value]
  }

  async close(): Promise<void> {
    await this.#database.close()
  }
}

function prefixed(table: Table, key: Uint8Array): Uint8Array {
  const whole = new Uint8Array(key.length + 1)
  whole[0] = table
  whole.set(key, 1)
  return whole
}
