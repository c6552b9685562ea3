/** A whole database passes; any record that is lost or changed is found. */
import { describe, expect, it } from 'vitest'
import { isRemoval } from '../state/record.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { checkDatabase } from './database-check.ts'
import { buildOn } from './testing/building.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { openNode, testConfig, transfer } from './testing/test-chain.ts'

const l1 = new MemoryL1(1_700_000_000n)
const config = await testConfig(l1.head)

async function chainOf(blocks: number): Promise<Store> {
  const store = new MemoryStore()
  const { chain } = await openNode(config, { store })
  for (let nonce = 0; nonce < blocks; nonce++) await buildOn({ config, l1, chain }, [await transfer({ nonce })])
  return store
}

async function records(store: Store, table: Table): Promise<[Uint8Array, Uint8Array][]> {
  const found: [Uint8Array, Uint8Array][] = []
  for await (const entry of store.range(table)) found.push(entry)
  return found
}

const STATE: Table[] = [TABLES.accounts, TABLES.slots, TABLES.accountNodes, TABLES.slotNodes]
const CHAIN: Table[] = [TABLES.blocks, TABLES.canonical, TABLES.receipts, TABLES.transactions, TABLES.labels]

describe('the check of a database', () => {
  it('counts what a whole one holds', async () => {
    const checked = await checkDatabase(await chainOf(4))
    expect(checked).toMatchObject({ blocks: 5, transactions: 8, historyBlocks: 4 })
    expect(checked.accounts).toBeGreaterThan(20)
    expect(await checkDatabase(new MemoryStore())).toMatchObject({ blocks: 0, accounts: 0 })
  })

  it('passes after blocks were taken back and history was dropped', async () => {
    const store = new MemoryStore()
    const { chain } = await openNode(config, { store, history: 3n })
    for (let nonce = 0; nonce < 8; nonce++) await buildOn({ config, l1, chain }, [await transfer({ nonce })])
    await chain.resetTo(6n)
    await buildOn({ config, l1, chain }, [])
    expect(await checkDatabase(store)).toMatchObject({ blocks: 8, historyBlocks: 2 })
  })

  it('finds any record that is lost', async () => {
    const store = await chainOf(3)
    const tables = [...STATE, ...CHAIN, TABLES.history, TABLES.changes, TABLES.codes]
    for (const table of tables) {
      const all = await records(store, table)
      const step = Math.ceil(all.length / 12)
      for (const [key, value] of all.filter((_, i) => i % step === 0)) {
        if (STATE.includes(table) && isRemoval(value)) continue
        await store.write([{ type: 'del', table, key }])
        await expect(checkDatabase(store), `table ${table}, key ${Buffer.from(key).toString('hex')}`).rejects.toThrow(
          /damaged/,
        )
        await store.write([{ type: 'put', table, key, value }])
      }
    }
    await checkDatabase(store)
  })

  it('finds any record whose value changes', async () => {
    const store = await chainOf(3)
    for (const table of [...STATE, ...CHAIN, TABLES.codes]) {
      const all = await records(store, table)
      const step = Math.ceil(all.length / 12)
      for (const [key, value] of all.filter((_, i) => i % step === 0)) {
        const changed = value.slice()
        changed[changed.length - 1]! ^= 1
        await store.write([{ type: 'put', table, key, value: changed }])
        await expect(checkDatabase(store), `table ${table}, key ${Buffer.from(key).toString('hex')}`).rejects.toThrow()
        await store.write([{ type: 'put', table, key, value }])
      }
    }
  })

  it('names the damage', async () => {
    const store = await chainOf(2)
    const [hash] = await records(store, TABLES.receipts)
    await store.write([{ type: 'del', table: TABLES.receipts, key: hash![0] }])
    await expect(checkDatabase(store)).rejects.toThrow(
      /^damaged database: the receipts of block \d \(0x.*\) are missing$/,
    )
  })
})
