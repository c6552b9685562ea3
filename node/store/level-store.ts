/** The store on disk: LevelDB through `level`, one database, tables told apart by the first byte of a key. */
import { mkdir } from 'node:fs/promises'
import { Level } from 'level'
import { nameKey } from './key.ts'
import { type RangeOptions, type Store, StoreError, type StoreOperation } from './store.ts'
import { SCHEMA_VERSION, TABLES, type Table } from './tables.ts'
import { lastWrite, writeNumberOperation } from './write-numbers.ts'

/** `level` is LevelDB itself under Node, with what only LevelDB can do (classic-level). */
type Database = Level<Uint8Array, Uint8Array> & {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>
  approximateSize(start: Uint8Array, end: Uint8Array): Promise<number>
}

export type LevelStoreOptions = {
  /** Bytes of uncompressed blocks that LevelDB keeps. Default 64 MiB. */
  cacheSize?: number
  /** Bytes of the write buffer (two may be held). Default 16 MiB. */
  writeBufferSize?: number
  /** Whether other threads of this process open the same directory, too (each with this option). */
  multithreading?: boolean
}

/**
 * Opens or creates the database in a directory. Throws {@link StoreError} with one clear line where another
 * process holds it, where it is damaged or has lost a write, or where it was written by another schema.
 */
export async function openLevelStore(path: string, options: LevelStoreOptions = {}): Promise<LevelStore> {
  const database = new Level<Uint8Array, Uint8Array>(path, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    cacheSize: options.cacheSize ?? 64 * 1024 * 1024,
    writeBufferSize: options.writeBufferSize ?? 16 * 1024 * 1024,
    maxFileSize: 8 * 1024 * 1024,
    ...(options.multithreading && { multithreading: true }),
  }) as Database
  try {
    await mkdir(path, { recursive: true })
    await database.open()
  } catch (error) {
    throw new StoreError(reasonOf(path, error))
  }
  const store = new LevelStore(database, await checkWrites(database, path))
  await checkSchema(store, path)
  return store
}

/** The number of the last write. */
async function checkWrites(database: Database, path: string): Promise<bigint> {
  // A range is read as of one moment, whatever another thread writes.
  const { last, missing } = lastWrite(
    await database.values({ gte: Uint8Array.of(TABLES.writes), lt: Uint8Array.of(TABLES.writes + 1) }).all(),
  )
  if (missing === undefined) return last
  await database.close()
  throw new StoreError(
    `database ${path} is damaged (write ${missing} of ${last} is missing, as after a power cut): remove the directory, and the node derives its chain from L1 anew; or restore it`,
  )
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
  const schema = store.get(TABLES.meta, key)?.[0] ?? (await firstSchema(store))
  if (schema === undefined) {
    await store.write([{ type: 'put', table: TABLES.meta, key, value: Uint8Array.of(SCHEMA_VERSION) }], { sync: true })
    return
  }
  if (schema === SCHEMA_VERSION) return
  await store.close()
  const mend =
    schema > SCHEMA_VERSION
      ? 'a newer program wrote it: use that one, or another data directory'
      : 'an older program wrote it: remove the directory, and the node derives its chain from L1 anew; or use that program'
  throw new StoreError(`database ${path} has schema ${schema}, this program reads ${SCHEMA_VERSION}: ${mend}`)
}

/** Schema 0 for a database that says none but holds something. */
async function firstSchema(store: LevelStore): Promise<number | undefined> {
  return (await store.isEmpty()) ? undefined : 0
}

export class LevelStore implements Store {
  readonly #database: Database
  #writes: bigint
  #last: Promise<unknown> = Promise.resolve()
  #failure: unknown

  /** `writes`: the number of the last write. */
  constructor(database: Database, writes: bigint) {
    this.#database = database
    this.#writes = writes
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    return this.#database.getSync(prefixed(table, key))
  }

  getMany(table: Table, keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#database.getMany(keys.map((key) => prefixed(table, key)))
  }

  /** One after another: a write that fails may leave a torn record in the log, behind which nothing is safe any more. */
  async write(operations: StoreOperation[], options: { sync?: boolean } = {}): Promise<void> {
    const batch = this.#batch(operations)
    const turn = this.#last.then(async () => {
      if (this.#failure === undefined) return batch.write({ sync: options.sync ?? false })
      await batch.close()
      throw new StoreError('an earlier write failed: open the database anew', { cause: this.#failure })
    })
    this.#last = turn.catch((error: unknown) => {
      this.#failure ??= error
    })
    await turn
  }

  /** Takes copies of all bytes. */
  #batch(operations: StoreOperation[]) {
    const batch = this.#database.batch()
    this.#writes++
    for (const operation of [...operations, writeNumberOperation(this.#writes)]) {
      const key = prefixed(operation.table, operation.key)
      if (operation.type === 'put') batch.put(key, operation.value)
      else batch.del(key)
    }
    return batch
  }

  async *range(table: Table, options: RangeOptions = {}): AsyncIterable<[Uint8Array, Uint8Array]> {
    const [gte, lt] = bounds(table, options)
    const iterator = this.#database.iterator({
      gte,
      lt,
      reverse: options.reverse ?? false,
      limit: options.limit ?? -1,
    })
    for await (const [key, value] of iterator) yield [key.subarray(1), value]
  }

  async compact(table: Table, range: Pick<RangeOptions, 'gte' | 'lt'> = {}): Promise<void> {
    const [start, end] = bounds(table, range)
    await this.#database.compactRange(start, end)
  }

  async diskSize(table: Table): Promise<number> {
    const [start, end] = bounds(table, {})
    return this.#database.approximateSize(start, end)
  }

  async isEmpty(): Promise<boolean> {
    for await (const _ of this.#database.keys({ limit: 1 })) return false
    return true
  }

  async close(): Promise<void> {
    await this.#database.close()
  }
}

/** First key and the one after the last. */
function bounds(table: Table, { gte, lt }: Pick<RangeOptions, 'gte' | 'lt'>): [Uint8Array, Uint8Array] {
  return [
    gte === undefined ? Uint8Array.of(table) : prefixed(table, gte),
    lt === undefined ? Uint8Array.of(table + 1) : prefixed(table, lt),
  ]
}

function prefixed(table: Table, key: Uint8Array): Uint8Array {
  // Of Buffer's pool, which costs a third of a buffer of its own.
  const whole = Buffer.allocUnsafe(key.length + 1)
  whole[0] = table
  whole.set(key, 1)
  return whole
}
