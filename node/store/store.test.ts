import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { keyNumber, nameKey, numberKey } from './key.ts'
import { openLevelStore } from './level-store.ts'
import { MemoryStore } from './memory-store.ts'
import { type RangeOptions, type Store, StoreError, type StoreOperation } from './store.ts'
import { TABLES, type Table } from './tables.ts'

const directories: string[] = []
const stores: Store[] = []
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  await Promise.all(directories.splice(0).map((path) => rm(path, { recursive: true })))
})

async function temporaryPath(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'openledger-store-'))
  directories.push(path)
  return join(path, 'database')
}

const kept = <S extends Store>(store: S): S => {
  stores.push(store)
  return store
}

const put = (table: Table, key: number[], value: number[]): StoreOperation => ({
  type: 'put',
  table,
  key: Uint8Array.from(key),
  value: Uint8Array.from(value),
})
const del = (table: Table, key: number[]): StoreOperation => ({ type: 'del', table, key: Uint8Array.from(key) })
const get = (store: Store, table: Table, key: number[]) => {
  const value = store.get(table, Uint8Array.from(key))
  return value && [...value]
}

async function keys(store: Store, table: Table, options?: RangeOptions): Promise<number[][]> {
  const found: number[][] = []
  for await (const [key] of store.range(table, options)) found.push([...key])
  return found
}

describe.each([
  ['memory', async () => kept<Store>(new MemoryStore())],
  ['level', async () => kept<Store>(await openLevelStore(await temporaryPath()))],
])('a store in %s', (_, open) => {
  it('gives back what was written, and nothing for other keys and tables', async () => {
    const store = await open()
    await store.write([put(TABLES.accounts, [1, 2], [3]), put(TABLES.accounts, [], [9])])
    expect(get(store, TABLES.accounts, [1, 2])).toEqual([3])
    expect(get(store, TABLES.accounts, [])).toEqual([9])
    expect(get(store, TABLES.accounts, [1])).toBeUndefined()
    expect(get(store, TABLES.slots, [1, 2])).toBeUndefined()
  })

  it('reads many at once, in the order of the keys', async () => {
    const store = await open()
    await store.write([put(TABLES.accounts, [1], [3]), put(TABLES.accounts, [2], []), put(TABLES.slots, [4], [1])])
    const found = await store.getMany(
      TABLES.accounts,
      [[2], [4], [1], [2]].map((key) => Uint8Array.from(key)),
    )
    expect(found.map((value) => value && [...value])).toEqual([[], undefined, [3], []])
  })

  it('keeps empty values apart from absent ones', async () => {
    const store = await open()
    await store.write([put(TABLES.slots, [1], [])])
    expect(get(store, TABLES.slots, [1])).toEqual([])
  })

  it('applies operations in order', async () => {
    const store = await open()
    await store.write([
      put(TABLES.slots, [1], [1]),
      del(TABLES.slots, [1]),
      put(TABLES.slots, [2], [1]),
      put(TABLES.slots, [2], [2]),
    ])
    expect(get(store, TABLES.slots, [1])).toBeUndefined()
    expect(get(store, TABLES.slots, [2])).toEqual([2])
  })

  it('does not see later changes of the bytes it was given', async () => {
    const store = await open()
    const value = Uint8Array.of(1)
    await store.write([{ type: 'put', table: TABLES.slots, key: Uint8Array.of(7), value }])
    value[0] = 2
    expect(get(store, TABLES.slots, [7])).toEqual([1])
  })

  it('walks a range in order of keys, bounded, limited and reversed', async () => {
    const store = await open()
    await store.write([
      put(TABLES.canonical, [2], [0]),
      put(TABLES.canonical, [0xff, 0xff], [0]),
      put(TABLES.canonical, [1, 0], [0]),
      put(TABLES.canonical, [1], [0]),
      put(TABLES.receipts, [0], [0]),
      put(TABLES.blocks, [0xff], [0]),
    ])
    expect(await keys(store, TABLES.canonical)).toEqual([[1], [1, 0], [2], [0xff, 0xff]])
    expect(await keys(store, TABLES.canonical, { gte: Uint8Array.of(1, 0), lt: Uint8Array.of(0xff, 0xff) })).toEqual([
      [1, 0],
      [2],
    ])
    expect(await keys(store, TABLES.canonical, { reverse: true, limit: 2 })).toEqual([[0xff, 0xff], [2]])
    expect(await keys(store, TABLES.labels)).toEqual([])
  })
})

describe('the store on disk', () => {
  it('finds its data again after it was closed', async () => {
    const path = await temporaryPath()
    const first = await openLevelStore(path)
    await first.write([put(TABLES.contents, [5], [6])], { sync: true })
    await first.close()
    expect(get(kept(await openLevelStore(path)), TABLES.contents, [5])).toEqual([6])
  })

  it('says in one line that another process holds it', async () => {
    const path = await temporaryPath()
    kept(await openLevelStore(path))
    const error = await openLevelStore(path).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StoreError)
    expect((error as Error).message).toBe(
      `database ${path} is in use by another process: stop it, or choose another data directory`,
    )
  })

  it.each([
    [99, /has schema 99, this program reads 2: a newer program wrote it: use that one, or another data directory$/],
    [1, /has schema 1, this program reads 2: an older program wrote it: remove the directory, and the node derives/],
  ])('refuses a database of schema %i in one line that says what to do', async (schema, message) => {
    const path = await temporaryPath()
    const first = await openLevelStore(path)
    await first.write([{ type: 'put', table: TABLES.meta, key: nameKey('schema'), value: Uint8Array.of(schema) }])
    await first.close()
    await expect(openLevelStore(path)).rejects.toThrow(message)
    await expect(openLevelStore(path), 'and leaves it closed').rejects.toThrow(message)
  })

  it('refuses a database that says no schema but holds something', async () => {
    const path = await temporaryPath()
    const first = await openLevelStore(path)
    await first.write([{ type: 'del', table: TABLES.meta, key: nameKey('schema') }, put(TABLES.accounts, [1], [1])])
    await first.close()
    await expect(openLevelStore(path)).rejects.toThrow(/has schema 0/)
  })

  it('gives the space of removed entries back when it is asked to', async () => {
    const store = kept(await openLevelStore(await temporaryPath(), { writeBufferSize: 100_000 }))
    const keys = Array.from({ length: 2_000 }, (_, i) => [i >> 8, i & 255])
    const noise = (i: number) => Array.from({ length: 500 }, (_, j) => (i * 2_654_435_761 * (j + 7)) >>> 24)
    await store.write(keys.map((key, i) => put(TABLES.history, key, noise(i))))
    await store.compact(TABLES.history)
    expect(await store.diskSize(TABLES.history)).toBeGreaterThan(500_000)
    expect(await store.diskSize(TABLES.accounts)).toBe(0)
    await store.write(keys.slice(0, 1_800).map((key) => del(TABLES.history, key)))
    await store.compact(TABLES.history, { lt: Uint8Array.from(keys[1_800]!) })
    expect(await store.diskSize(TABLES.history)).toBeLessThan(150_000)
  })

  it('refuses a path that is a file', async () => {
    await expect(openLevelStore('/dev/null')).rejects.toThrow(/^database \/dev\/null cannot be opened/)
  })
})

describe('tables', () => {
  it('have numbers of their own', () => {
    const numbers = Object.values(TABLES)
    expect(new Set(numbers).size).toBe(numbers.length)
  })
})

describe('keys of numbers', () => {
  it('sort as the numbers do and read back', () => {
    const [a, b] = [numberKey(255n), numberKey(256n)]
    expect(Buffer.compare(a, b)).toBe(-1)
    expect(keyNumber(b)).toBe(256n)
    expect(b.length).toBe(8)
  })
})
