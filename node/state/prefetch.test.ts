/** Reading accounts ahead changes when the disk is read, and never what is read. */
import { describe, expect, it } from 'vitest'
import type { Address } from '../../genesis/addresses.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { EMPTY_CODE_HASH } from './account-codec.ts'
import { StateDatabase } from './state-database.ts'
import { emptyDiff } from './state-diff.ts'

const addressOf = (i: number): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`
const ADDRESSES = Array.from({ length: 50 }, (_, i) => addressOf(i))

/** Says how often accounts were read one by one; answers many at once only when it is let. */
class SlowStore extends MemoryStore {
  singleReads = 0
  gate: Promise<void> = Promise.resolve()

  override get(table: Table, key: Uint8Array): Uint8Array | undefined {
    if (table === TABLES.accounts) this.singleReads++
    return super.get(table, key)
  }

  override async getMany(table: Table, keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const values = keys.map((key) => super.get(table, key))
    await this.gate
    return values
  }
}

async function add(store: SlowStore, state: StateDatabase, balance: bigint): Promise<void> {
  const diff = emptyDiff()
  for (const address of ADDRESSES) diff.accounts.set(address, { nonce: 0n, balance, codeHash: EMPTY_CODE_HASH })
  const prepared = state.prepare(diff, (state.head?.number ?? -1n) + 1n)
  await store.write(prepared.operations)
  state.applied(prepared)
}

async function reopened() {
  const store = new SlowStore()
  await add(store, await StateDatabase.open({ store }), 7n)
  const state = await StateDatabase.open({ store })
  store.singleReads = 0
  return { store, state }
}

describe('accounts that were read ahead', () => {
  it('are not read again, those that are not there neither', async () => {
    const { store, state } = await reopened()
    await state.prefetch([...ADDRESSES, addressOf(99), ADDRESSES[0]!])
    for (const address of ADDRESSES) expect(state.account(address)?.balance).toBe(7n)
    expect(state.account(addressOf(99))).toBeUndefined()
    expect(store.singleReads).toBe(0)
  })

  it('are forgotten where a block came meanwhile, or was taken back', async () => {
    const { store, state } = await reopened()
    let open = () => {}
    const hold = () => {
      store.gate = new Promise((resolve) => {
        open = resolve
      })
    }
    hold()
    const before = state.prefetch(ADDRESSES)
    await add(store, state, 8n)
    open()
    await before
    for (const address of ADDRESSES) expect(state.account(address)?.balance).toBe(8n)

    const other = await StateDatabase.open({ store })
    hold()
    const beforeRevert = other.prefetch(ADDRESSES)
    const reverted = other.revertTo(0n)
    await store.write(reverted.operations)
    other.applied(reverted)
    open()
    await beforeRevert
    for (const address of ADDRESSES) expect(other.account(address)?.balance).toBe(7n)
  })
})
