import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMPT, type MerklePatriciaTrie, verifyMerkleProof } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { bytesToHex, type Hex, hexToBytes, toHex } from 'viem'
import { afterEach, describe, expect, it } from 'vitest'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { openLevelStore } from '../store/level-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import { EMPTY_CODE_HASH, encodeAccount, quantity } from './account-codec.ts'
import { StateUnavailableError } from './history.ts'
import type { StateReader } from './reader.ts'
import { type PreparedState, StateDatabase } from './state-database.ts'
import { emptyDiff, type StateDiff } from './state-diff.ts'
import { EMPTY_ROOT } from './trie-node.ts'

const addressOf = (i: number): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`
const slotOf = (i: number): Hex => toHex(i, { size: 32 })
const ADDRESSES = Array.from({ length: 8 }, (_, i) => addressOf(i))
const SLOTS = Array.from({ length: 12 }, (_, i) => slotOf(i))

/** The state as a plain model: what every account and slot must read as. */
type Model = Map<Address, { nonce: bigint; balance: bigint; storage: Map<Hex, bigint> }>

type Step =
  | { kind: 'set'; address: number; nonce: bigint; balance: bigint }
  | { kind: 'remove'; address: number }
  | { kind: 'clear'; address: number }
  | { kind: 'write'; address: number; slot: number; value: bigint }

const address = fc.nat(ADDRESSES.length - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    address,
    nonce: fc.bigInt(0n, 300n),
    balance: fc.bigInt(0n, 10n ** 20n),
  }),
  fc.record({ kind: fc.constant('remove' as const), address }),
  fc.record({ kind: fc.constant('clear' as const), address }),
  ...Array.from({ length: 5 }, () =>
    fc.record({
      kind: fc.constant('write' as const),
      address,
      slot: fc.nat(SLOTS.length - 1),
      value: fc.oneof(fc.constant(0n), fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 256n - 1n)),
    }),
  ),
)
const blocks = fc.array(fc.array(step, { maxLength: 15 }), { minLength: 1, maxLength: 6 })

function cloneModel(model: Model): Model {
  return new Map([...model].map(([address, account]) => [address, { ...account, storage: new Map(account.storage) }]))
}

/** Applies a block's steps to the model and says them as a diff. */
function diffOf(model: Model, steps: Step[]): StateDiff {
  const diff = emptyDiff()
  for (const step of steps) {
    const address = ADDRESSES[step.address]!
    if (step.kind === 'remove') {
      model.delete(address)
      diff.accounts.set(address, null)
      diff.storage.delete(address)
      diff.cleared.add(address)
      continue
    }
    const account = model.get(address) ?? { nonce: 0n, balance: 0n, storage: new Map<Hex, bigint>() }
    model.set(address, account)
    if (step.kind === 'set') Object.assign(account, { nonce: step.nonce, balance: step.balance })
    if (step.kind === 'clear') {
      account.storage.clear()
      diff.storage.delete(address)
      diff.cleared.add(address)
    }
    if (step.kind === 'write') {
      const slots = diff.storage.get(address) ?? new Map<Hex, bigint>()
      diff.storage.set(address, slots.set(SLOTS[step.slot]!, step.value))
      if (step.value === 0n) account.storage.delete(SLOTS[step.slot]!)
      else account.storage.set(SLOTS[step.slot]!, step.value)
    }
    diff.accounts.set(address, { nonce: account.nonce, balance: account.balance, codeHash: EMPTY_CODE_HASH })
  }
  return diff
}

async function oracleOf(model: Model): Promise<{ root: Hex; storage: Map<Address, MerklePatriciaTrie> }> {
  const accounts = await createMPT({ useKeyHashing: true })
  const storage = new Map<Address, MerklePatriciaTrie>()
  for (const [address, account] of model) {
    const slots = await createMPT({ useKeyHashing: true })
    for (const [slot, value] of account.storage) await slots.put(hexToBytes(slot), RLP.encode(quantity(value)))
    storage.set(address, slots)
    const { nonce, balance } = account
    const encoding = encodeAccount({ nonce, balance, storageRoot: bytesToHex(slots.root()), codeHash: EMPTY_CODE_HASH })
    await accounts.put(hexToBytes(address), encoding)
  }
  return { root: bytesToHex(accounts.root()), storage }
}

function expectReads(reader: StateReader, model: Model): void {
  for (const address of ADDRESSES) {
    const account = model.get(address)
    const read = reader.account(address)
    expect(read && { nonce: read.nonce, balance: read.balance }).toEqual(
      account && { nonce: account.nonce, balance: account.balance },
    )
    for (const slot of SLOTS) expect(reader.storage(address, slot)).toBe(account?.storage.get(slot) ?? 0n)
  }
}

async function commit(store: Store, state: StateDatabase, prepared: PreparedState): Promise<PreparedState> {
  await store.write(prepared.operations)
  state.applied(prepared)
  return prepared
}

/** Everything in the tables of the state, for comparing databases. */
async function contents(store: Store): Promise<string[]> {
  const found: string[] = []
  for (const table of [
    TABLES.stateMeta,
    TABLES.accounts,
    TABLES.slots,
    TABLES.accountNodes,
    TABLES.slotNodes,
    TABLES.history,
    TABLES.changes,
  ]) {
    for await (const [key, value] of store.range(table)) found.push(`${table} ${bytesToHex(key)} ${bytesToHex(value)}`)
  }
  return found
}

describe('the state database', () => {
  it('has the roots and values of an independent trie after every block, and past states stay as they were', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, fc.constantFrom(0, 3, 60_000), async (blocks, liveNodes) => {
        const store = new MemoryStore()
        const state = await StateDatabase.open({ store }, { liveNodes })
        const past: { model: Model; root: Hex }[] = []
        let model: Model = new Map()
        for (const [number, steps] of blocks.entries()) {
          model = cloneModel(model)
          const prepared = state.prepare(diffOf(model, steps), BigInt(number))
          const oracle = await oracleOf(model)
          expect(prepared.stateRoot).toBe(oracle.root)
          for (const [address, trie] of oracle.storage)
            expect(prepared.storageRoot(address)).toBe(bytesToHex(trie.root()))
          await commit(store, state, prepared)
          expectReads(state, model)
          past.push({ model, root: prepared.stateRoot })
        }
        for (const [number, { model }] of past.entries()) expectReads(state.at(BigInt(number)), model)
        const reopened = await StateDatabase.open({ store })
        expect(reopened.head).toEqual({ number: BigInt(blocks.length - 1), stateRoot: past.at(-1)!.root })
        expectReads(reopened, model)
      }),
      { numRuns: 150 },
    )
  })

  it('proves accounts and slots of every past block', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, async (blocks) => {
        const store = new MemoryStore()
        const state = await StateDatabase.open({ store })
        const past: { model: Model; root: Hex }[] = []
        let model: Model = new Map()
        for (const [number, steps] of blocks.entries()) {
          model = cloneModel(model)
          const { stateRoot } = await commit(store, state, state.prepare(diffOf(model, steps), BigInt(number)))
          past.push({ model, root: stateRoot })
        }
        for (const [number, { model, root }] of past.entries()) {
          for (const address of ADDRESSES.slice(0, 4)) await expectProof(state, BigInt(number), address, model, root)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('goes back to any past block as if later blocks had never been, and forward again on another branch', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, blocks, fc.nat(), async (blocks, branch, choice) => {
        const target = choice % blocks.length
        const store = new MemoryStore()
        const state = await StateDatabase.open({ store })
        let model: Model = new Map()
        let expected: { model: Model; contents: string[]; root: Hex } | undefined
        for (const [number, steps] of blocks.entries()) {
          model = cloneModel(model)
          const { stateRoot } = await commit(store, state, state.prepare(diffOf(model, steps), BigInt(number)))
          if (number === target) expected = { model, contents: await contents(store), root: stateRoot }
        }
        const reverted = await commit(store, state, state.revertTo(BigInt(target)))
        expect(reverted.stateRoot).toBe(expected!.root)
        expect(await contents(store)).toEqual(expected!.contents)
        expectReads(state, expected!.model)
        model = cloneModel(expected!.model)
        for (const [i, steps] of branch.entries()) {
          const prepared = state.prepare(diffOf(model, steps), BigInt(target + 1 + i))
          expect(prepared.stateRoot).toBe((await oracleOf(model)).root)
          await commit(store, state, prepared)
        }
        expectReads(state, model)
        expectReads(state.at(BigInt(target)), expected!.model)
      }),
      { numRuns: 100 },
    )
  })

  it('reads the head between the write and its application, and past blocks while the chain grows', async () => {
    const { store, state } = await withBalances(1n, 2n)
    const view = state.at(1n)
    const prepared = state.prepare(balanceDiff(3n), 2n)
    expect(state.account(ADDRESSES[0]!)?.balance).toBe(2n)
    await store.write(prepared.operations)
    expect(state.account(ADDRESSES[0]!)?.balance).toBe(2n)
    state.applied(prepared)
    expect(state.account(ADDRESSES[0]!)?.balance).toBe(3n)
    expect(view.account(ADDRESSES[0]!)?.balance).toBe(2n)
  })

  it('forgets a prepared block that is not applied', async () => {
    const { store, state } = await withBalances(1n)
    const before = await contents(store)
    const abandoned = state.prepare(balanceDiff(99n), 1n)
    const prepared = state.prepare(balanceDiff(2n), 1n)
    expect(await contents(store)).toEqual(before)
    expect(() => state.applied(abandoned)).toThrow('was not the last one prepared')
    await commit(store, state, prepared)
    expect(state.account(ADDRESSES[0]!)?.balance).toBe(2n)
  })

  it('refuses blocks out of order, unknown blocks, and views of reverted blocks', async () => {
    const { store, state } = await withBalances(1n, 2n, 3n)
    expect(() => state.prepare(emptyDiff(), 5n)).toThrow('the next block is 3')
    expect(() => state.at(3n)).toThrow(StateUnavailableError)
    expect(() => state.proof(3n, ADDRESSES[0]!, [])).toThrow('no state of block 3: the head is 2')
    expect(() => state.revertTo(7n)).toThrow(StateUnavailableError)
    const [one, two] = [state.at(1n), state.at(2n)]
    await commit(store, state, state.revertTo(1n))
    await commit(store, state, state.prepare(balanceDiff(9n), 2n))
    expect(() => two.account(ADDRESSES[0]!)).toThrow('block 2 has been reverted')
    expect(one.account(ADDRESSES[0]!)?.balance).toBe(2n)
  })

  it('keeps as much history as it is told, and drops the marks of removed values with it', async () => {
    const store = new MemoryStore()
    const state = await StateDatabase.open({ store }, { history: 2n })
    const model: Model = new Map()
    const models: Model[] = []
    const write = (value: bigint): Step[] => [
      { kind: 'write', address: 0, slot: 0, value },
      { kind: 'write', address: 0, slot: 1, value: 5n + value },
    ]
    for (let number = 0; number < 8; number++) {
      await commit(
        store,
        state,
        state.prepare(diffOf(model, write(number === 3 ? 0n : BigInt(number % 4))), BigInt(number)),
      )
      models.push(cloneModel(model))
    }
    for (const number of [5, 6, 7]) expectReads(state.at(BigInt(number)), models[number]!)
    expect(() => state.at(4n)).toThrow('historical state of block 4 is not available (kept from block 5 on)')
    expect(() => state.revertTo(4n)).toThrow(StateUnavailableError)
    const kept: bigint[] = []
    for await (const [key] of store.range(TABLES.changes)) kept.push(BigInt(bytesToHex(key)))
    expect(kept).toEqual([6n, 7n])
    await commit(store, state, state.revertTo(5n))
    expectReads(state, models[5]!)
  })

  it('keeps codes by hash and says when one is missing', async () => {
    const store = new MemoryStore()
    const state = await StateDatabase.open({ store })
    const code = Uint8Array.of(0x60, 0x00)
    const codeHash = bytesToHex(keccak256(code))
    const diff = emptyDiff()
    diff.codes.set(codeHash, code)
    diff.accounts.set(ADDRESSES[0]!, { nonce: 1n, balance: 0n, codeHash })
    await commit(store, state, state.prepare(diff, 0n))
    expect(state.code(state.account(ADDRESSES[0]!)!.codeHash)).toEqual(code)
    expect(state.code(EMPTY_CODE_HASH)).toEqual(new Uint8Array(0))
    expect(() => state.code(EMPTY_ROOT)).toThrow('no code with hash')
  })

  it('refuses storage for an account that does not exist', async () => {
    const state = await StateDatabase.open({ store: new MemoryStore() })
    const diff = emptyDiff()
    diff.storage.set(ADDRESSES[0]!, new Map([[SLOTS[0]!, 1n]]))
    expect(() => state.prepare(diff, 0n)).toThrow(`storage is written for ${ADDRESSES[0]}, which is no account`)
  })
})

describe('the state database on disk', () => {
  const opened: { path: string; store: Store }[] = []
  afterEach(async () => {
    for (const { path, store } of opened.splice(0)) {
      await store.close()
      await rm(path, { recursive: true })
    }
  })

  it('takes some thousands of accounts and finds them again', async () => {
    const path = await mkdtemp(join(tmpdir(), 'openledger-state-'))
    const store = await openLevelStore(join(path, 'database'))
    opened.push({ path, store })
    const state = await StateDatabase.open({ store }, { liveNodes: 500 })
    const memoryStore = new MemoryStore()
    const memory = await StateDatabase.open({ store: memoryStore })
    for (let number = 0; number < 4; number++) {
      const diff = emptyDiff()
      for (let i = 0; i < 1000; i++) {
        const address = addressOf(number * 700 + i)
        diff.accounts.set(address, { nonce: BigInt(number), balance: BigInt(i), codeHash: EMPTY_CODE_HASH })
        diff.storage.set(address, new Map([[SLOTS[number % 2]!, BigInt(i)]]))
      }
      const inMemory = await commit(memoryStore, memory, memory.prepare(diff, BigInt(number)))
      const prepared = await commit(store, state, state.prepare(diff, BigInt(number)))
      expect(prepared.stateRoot).toBe(inMemory.stateRoot)
    }
    const reopened = await StateDatabase.open({ store })
    expect(reopened.account(addressOf(2100 + 999))?.balance).toBe(999n)
    expect(reopened.account(addressOf(699))?.balance).toBe(699n)
    expect(reopened.storage(addressOf(2100 + 500), SLOTS[1]!)).toBe(500n)
    expect(reopened.at(0n).account(addressOf(700))?.nonce).toBe(0n)
  })
})

function balanceDiff(balance: bigint): StateDiff {
  const diff = emptyDiff()
  diff.accounts.set(ADDRESSES[0]!, { nonce: 0n, balance, codeHash: EMPTY_CODE_HASH })
  return diff
}

async function withBalances(...balances: bigint[]): Promise<{ store: Store; state: StateDatabase }> {
  const store = new MemoryStore()
  const state = await StateDatabase.open({ store })
  for (const [number, balance] of balances.entries())
    await commit(store, state, state.prepare(balanceDiff(balance), BigInt(number)))
  return { store, state }
}

async function expectProof(
  state: StateDatabase,
  number: bigint,
  address: Address,
  model: Model,
  root: Hex,
): Promise<void> {
  const proof = state.proof(number, address, SLOTS.slice(0, 3))
  const account = model.get(address)
  if (root === EMPTY_ROOT) {
    expect(proof.accountProof).toEqual([])
  } else {
    const leaf = await verifyMerkleProof(keccak256(hexToBytes(address)), proof.accountProof, { root: hexToBytes(root) })
    expect(leaf && bytesToHex(leaf)).toBe(account === undefined ? null : bytesToHex(encodeAccount(proof.account!)))
  }
  for (const { key, value, proof: nodes } of proof.storageProof) {
    expect(value).toBe(account?.storage.get(key) ?? 0n)
    const storageRoot = proof.account?.storageRoot ?? EMPTY_ROOT
    if (storageRoot === EMPTY_ROOT) {
      expect(nodes).toEqual([])
      continue
    }
    const leaf = await verifyMerkleProof(keccak256(hexToBytes(key)), nodes, { root: hexToBytes(storageRoot) })
    expect(leaf && bytesToHex(leaf)).toBe(value === 0n ? null : bytesToHex(RLP.encode(quantity(value))))
  }
}
