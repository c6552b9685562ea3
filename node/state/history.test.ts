/** Long histories: far reads stay short, far reverts exact, and the window gives back what it drops. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyMerkleProof } from '@ethereumjs/mpt'
import { bytesToHex, type Hex, hexToBytes, toHex } from 'viem'
import { describe, expect, it } from 'vitest'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { openLevelStore } from '../store/level-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { EMPTY_CODE_HASH, encodeAccount } from './account-codec.ts'
import { StateDatabase, type StateOptions } from './state-database.ts'
import { emptyDiff, type StateDiff } from './state-diff.ts'
import { stateViewAt } from './state-records.ts'

const addressOf = (i: number): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`
const slotOf = (i: number): Hex => toHex(i, { size: 32 })

/** Two accounts change in every block, one of many in its turn; a slot in every block, another is set and removed. */
function diffOf(number: number): StateDiff {
  const diff = emptyDiff()
  const account = (i: number, balance: bigint) =>
    diff.accounts.set(addressOf(i), { nonce: BigInt(number), balance, codeHash: EMPTY_CODE_HASH })
  account(0, BigInt(number))
  account(1, 5n)
  account(2 + (number % 37), 10n ** 18n + BigInt(number))
  if (number % 9 === 4) diff.accounts.set(addressOf(2 + ((number * 5) % 37)), null)
  diff.storage.set(addressOf(0), new Map([[slotOf(0), BigInt(number) + 1n]]))
  diff.storage.set(addressOf(1), new Map([[slotOf(number % 5), number % 3 === 0 ? 0n : BigInt(number)]]))
  return diff
}

async function grow(store: Store, state: StateDatabase, to: number): Promise<Hex[]> {
  const roots: Hex[] = []
  for (let number = Number((state.head?.number ?? -1n) + 1n); number <= to; number++) {
    const prepared = state.prepare(diffOf(number), BigInt(number))
    await store.write(prepared.operations)
    state.applied(prepared)
    roots.push(prepared.stateRoot)
  }
  return roots
}

class CountingStore extends MemoryStore {
  gets = 0
  override get(table: Table, key: Uint8Array): Uint8Array | undefined {
    this.gets++
    return super.get(table, key)
  }
}

async function open(options: StateOptions = {}) {
  const store = new CountingStore()
  return { store, state: await StateDatabase.open({ store }, options) }
}

describe('a long history', () => {
  it('reads and proves every block as it was, in few steps', async () => {
    const { store, state } = await open()
    const roots = await grow(store, state, 4_500)
    for (const number of [0, 1, 15, 16, 17, 255, 256, 257, 1_000, 4_095, 4_096, 4_097, 4_499, 4_500]) {
      const view = state.at(BigInt(number))
      store.gets = 0
      expect(view.account(addressOf(0))?.balance).toBe(BigInt(number))
      // At most 15 strides for each power of 16, two reads a stride.
      expect(store.gets).toBeLessThanOrEqual(2 * 15 * 4)
      expect(view.storage(addressOf(0), slotOf(0))).toBe(BigInt(number) + 1n)
      expect(stateViewAt(store, BigInt(number)).account(addressOf(0))?.balance).toBe(BigInt(number))
      const { account, accountProof } = state.proof(BigInt(number), addressOf(0), [])
      const leaf = await verifyMerkleProof(keccak256(hexToBytes(addressOf(0))), accountProof, {
        root: hexToBytes(roots[number]!),
      })
      expect(leaf && bytesToHex(leaf)).toBe(bytesToHex(encodeAccount(account!)))
    }
  })

  it('goes back hundreds of blocks as if they had never been', async () => {
    const [{ store, state }, other] = [await open(), await open()]
    await grow(store, state, 700)
    await grow(other.store, other.state, 130)
    const reverted = state.revertTo(130n)
    await store.write(reverted.operations)
    state.applied(reverted)
    expect(state.head).toEqual(other.state.head)
    expect(await grow(store, state, 200)).toEqual(await grow(other.store, other.state, 200))
    for (const table of [TABLES.accounts, TABLES.slots, TABLES.accountNodes, TABLES.slotNodes, TABLES.history]) {
      expect(await dump(store, table)).toEqual(await dump(other.store, table))
    }
  })
})

async function dump(store: Store, table: Table): Promise<string[]> {
  const found: string[] = []
  for await (const [key, value] of store.range(table)) found.push(`${bytesToHex(key)} ${bytesToHex(value)}`)
  return found
}

describe('the window of history', () => {
  it('holds its blocks, all at the same cost, and refuses older ones by name', async () => {
    const { store, state } = await open({ history: 20n })
    await grow(store, state, 100)
    expect(state.oldest).toBe(80n)
    for (let number = 80; number <= 100; number++)
      expect(state.at(BigInt(number)).account(addressOf(0))?.balance).toBe(BigInt(number))
    expect(() => state.at(79n)).toThrow('historical state of block 79 is not available (kept from block 80 on)')
    expect(() => state.revertTo(79n)).toThrow('historical state of block 79 is not available')
    expect(() => stateViewAt(store, 79n).account(addressOf(0))).toThrow('historical state of block 79 is not available')
    const reverted = state.revertTo(80n)
    await store.write(reverted.operations)
    state.applied(reverted)
    expect(state.account(addressOf(0))?.balance).toBe(80n)
  })

  it('that was made smaller is reached some blocks at a time; one made larger fills up again', async () => {
    const { store, state } = await open()
    await grow(store, state, 100)
    const smaller = await StateDatabase.open({ store }, { history: 5n })
    await grow(store, smaller, 101)
    expect(smaller.oldest).toBe(32n)
    await grow(store, smaller, 105)
    expect(smaller.oldest).toBe(100n)
    expect((await dump(store, TABLES.changes)).length).toBe(5)
    const larger = await StateDatabase.open({ store }, { history: 50n })
    await grow(store, larger, 120)
    expect(larger.oldest).toBe(100n)
    expect(() => larger.at(99n)).toThrow('(kept from block 100 on)')
    expect(larger.at(100n).account(addressOf(0))?.balance).toBe(100n)
    await grow(store, larger, 160)
    expect(larger.oldest).toBe(110n)
  })

  it('gives the space of what it drops back to the disk', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'openledger-window-'))
    const sizes: number[] = []
    try {
      for (const history of [undefined, 50n]) {
        const store = await openLevelStore(join(folder, `${history}`), { writeBufferSize: 64 * 1024 })
        const state = await StateDatabase.open({ store }, history === undefined ? {} : { history })
        await grow(store, state, 4_000)
        await state.close()
        sizes.push((await store.diskSize(TABLES.history)) + (await store.diskSize(TABLES.changes)))
        await store.close()
      }
    } finally {
      await rm(folder, { recursive: true })
    }
    const [whole, window] = sizes
    expect(whole).toBeGreaterThan(1_000_000)
    expect(window).toBeLessThan(whole! / 5)
  })
})
