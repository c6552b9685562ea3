/** From a block's state diff to database operations: new records, what they replace, and the state root. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { bytes, encodeFlatAccount, quantity } from './account-codec.ts'
import { hashedKey, slotKey, slotNodeKey } from './flat-key.ts'
import { BlockHistory } from './history.ts'
import type { LiveTries } from './live-tries.ts'
import type { Account } from './reader.ts'
import { encodeRecord } from './record.ts'
import type { StateDiff } from './state-diff.ts'
import { nodeName, type TrieLeaf, trieLeaf, type UpdatedTrie, updateTrie } from './trie.ts'
import { EMPTY_ROOT } from './trie-node.ts'
import { type TrieSource, walkTrie } from './trie-walk.ts'

const EMPTY = new Uint8Array(0)

/** A value with its newest record in the database (undefined: there was never one). Changes when a block is applied. */
export type Newest<Value> = { record: Uint8Array | undefined; value: Value }

/** With the bytes of its address and their keccak. */
export type NewestAccount = Newest<Account | undefined> & { key: Uint8Array; hash: Uint8Array }

/** The state as the block finds it. */
export interface NewestValues {
  account(address: Address): NewestAccount
  slot(address: Address, slot: Hex): Newest<bigint>
  accountTrie: TrieSource<Account>
  storageTrie(address: Address): TrieSource<bigint>
}

type Change<Value> = { newest: Newest<Value>; record: Uint8Array; value: Value }

export class BlockChanges {
  /** Whether slots went away that the diff does not name. */
  wiped = false
  readonly #store: Store
  readonly #newest: NewestValues
  readonly #live: LiveTries
  readonly #number: number
  readonly #codes: StoreOperation[] = []
  readonly #records: StoreOperation[] = []
  readonly #history = new BlockHistory()
  readonly #accounts: (Change<Account | undefined> & { address: Address })[] = []
  readonly #slots: Change<bigint>[] = []
  readonly #storages: [address: Address, updated: UpdatedTrie][] = []
  #accountsTrie: UpdatedTrie | undefined

  constructor(modules: { store: Store; newest: NewestValues; live: LiveTries }, number: number) {
    this.#store = modules.store
    this.#newest = modules.newest
    this.#live = modules.live
    this.#number = number
  }

  /** Takes the block's diff; returns the state root. */
  apply(diff: StateDiff): Hex {
    for (const [hash, code] of diff.codes) {
      this.#codes.push({ type: 'put', table: TABLES.codes, key: bytes(hash), value: code })
    }
    const leaves: TrieLeaf<Account>[] = []
    for (const address of new Set([...diff.accounts.keys(), ...diff.storage.keys(), ...diff.cleared])) {
      const leaf = this.#account(address, diff)
      if (leaf !== undefined) leaves.push(leaf)
    }
    const updated = updateTrie(this.#newest.accountTrie, leaves, {
      number: this.#number,
      root: this.#live.accounts,
      emit: (path, value, before, mask) => this.#replace(TABLES.accountNodes, path, value, before, mask),
    })
    this.#live.read(updated)
    this.#accountsTrie = updated
    return updated.rootHash
  }

  /** Block 0 replaces nothing and has no history. */
  operations(): StoreOperation[] {
    const history = this.#number === 0 ? [] : this.#history.operations(this.#number)
    return [...this.#codes, ...this.#records, ...history]
  }

  /** Root of an account's storage after the block. */
  storageRoot(address: Address): Hex {
    const change = this.#accounts.find((change) => change.address === address)
    return (change ?? this.#newest.account(address)).value?.storageRoot ?? EMPTY_ROOT
  }

  /** Makes the block's values and nodes the newest ones. */
  commit(): void {
    for (const { newest, record, value } of this.#accounts) Object.assign(newest, { record, value })
    for (const { newest, record, value } of this.#slots) Object.assign(newest, { record, value })
    for (const [address, updated] of this.#storages) this.#live.setStorage(address, updated)
    if (this.#accountsTrie !== undefined) this.#live.setAccounts(this.#accountsTrie)
    this.#live.bound(this.#number)
  }

  /** Writes an account with its storage; returns the change of its leaf. */
  #account(address: Address, diff: StateDiff): TrieLeaf<Account> | undefined {
    const newest = this.#newest.account(address)
    const before = newest.value
    const next = diff.accounts.get(address)
    const removed = next === null
    const wiped = removed || diff.cleared.has(address)
    const storageRoot = this.#storage(address, before, wiped, removed ? undefined : diff.storage.get(address))
    const fields = removed ? undefined : (next ?? before)
    if (fields === undefined && storageRoot !== EMPTY_ROOT)
      throw new Error(`storage is written for ${address}, which is no account`)
    const after = fields && { nonce: fields.nonce, balance: fields.balance, storageRoot, codeHash: fields.codeHash }
    if (before === after || (before && after && sameAccount(before, after))) return undefined
    const payload = after === undefined ? EMPTY : encodeFlatAccount(after)
    const record = this.#change(TABLES.accounts, newest.key, payload, newest.record)
    this.#accounts.push({ address, newest, record, value: after })
    return trieLeaf(newest.hash, after, before !== undefined, newest.key)
  }

  /** Writes an account's slots; returns its new storage root. */
  #storage(address: Address, before: Account | undefined, wipe: boolean, writes: Map<Hex, bigint> | undefined): Hex {
    const rootBefore = before?.storageRoot ?? EMPTY_ROOT
    const wiping = wipe && rootBefore !== EMPTY_ROOT
    if (!wiping && (writes === undefined || writes.size === 0)) return rootBefore
    const leaves: TrieLeaf<bigint>[] = []
    for (const [slot, value] of writes ?? []) {
      const newest = this.#newest.slot(address, slot)
      if (wiping ? value === 0n : value === newest.value) continue
      const key = hashedKey(slot)
      const payload = quantity(value)
      const record = this.#change(TABLES.slots, slotKey(address, key), payload, newest.record)
      this.#slots.push({ newest, record, value })
      leaves.push(trieLeaf(key, value === 0n ? undefined : value, newest.value !== 0n, key))
    }
    const source = this.#newest.storageTrie(address)
    const written = new Set<string>()
    const updated = updateTrie(source, leaves, {
      number: this.#number,
      root: this.#live.storage(address),
      empty: wiping,
      emit: (path, value, before, mask) => {
        if (wiping) written.add(nodeName(path))
        this.#replace(TABLES.slotNodes, slotNodeKey(address, path), value, before, mask)
      },
    })
    if (wiping) this.#wipe(address, source, leaves, written)
    this.#live.read(updated)
    this.#storages.push([address, updated])
    return updated.rootHash
  }

  /** Removes what a wiped storage held and the block did not write anew. */
  #wipe(address: Address, source: TrieSource<bigint>, slots: TrieLeaf<bigint>[], keptNodes: Set<string>): void {
    this.wiped = true
    const keptSlots = new Set(slots.map(({ key }) => nodeName(key)))
    for (const { path, record, key } of walkTrie(source)) {
      if (!keptNodes.has(nodeName(path))) this.#change(TABLES.slotNodes, slotNodeKey(address, path), EMPTY, record)
      if (key === undefined || keptSlots.has(nodeName(key))) continue
      const flat = slotKey(address, key)
      this.#change(TABLES.slots, flat, EMPTY, this.#store.get(TABLES.slots, flat))
    }
  }

  /** Writes a payload (empty: removes the value) over what is there; returns the new record. */
  #change(table: Table, key: Uint8Array, payload: Uint8Array, before: Uint8Array | undefined): Uint8Array {
    const after = encodeRecord(this.#number, before, payload)
    this.#replace(table, key, after, before, 0)
    return after
  }

  #replace(table: Table, key: Uint8Array, value: Uint8Array, before: Uint8Array | undefined, mask: number): void {
    this.#records.push({ type: 'put', table, key, value })
    if (this.#number > 0) this.#history.add({ table, key, value, before, mask })
  }
}

function sameAccount(a: Account, b: Account): boolean {
  return a.nonce === b.nonce && a.balance === b.balance && a.storageRoot === b.storageRoot && a.codeHash === b.codeHash
}
