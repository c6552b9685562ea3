/** From a block's state diff to database operations: new records, what they replace, and the state root. */
import { RLP } from '@ethereumjs/rlp'
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { bytes, encodeAccount, quantity } from './account-codec.ts'
import { hashedKey, slotKey, slotNodeKey } from './flat-key.ts'
import { historyOperations, type Replaced } from './history.ts'
import type { Account } from './reader.ts'
import { encodeRecord } from './record.ts'
import type { StateDiff } from './state-diff.ts'
import { pruneTrie, type SealedTrie, TrieEdit, walkTrie } from './trie.ts'
import { type Child, EMPTY_ROOT } from './trie-node.ts'

const EMPTY = new Uint8Array(0)

/** Merkle nodes that stay in memory between blocks. */
export type LiveTries = {
  accounts: Child | undefined
  storage: Map<Address, Child | undefined>
  /** About how many nodes hang on these roots. */
  nodes: number
}

/** Tries of which nothing is in memory yet. */
export function unloadedTries(stateRoot: Hex): LiveTries {
  return { accounts: unloaded(stateRoot), storage: new Map(), nodes: 0 }
}

function unloaded(root: Hex): Child | undefined {
  return root === EMPTY_ROOT ? undefined : Buffer.concat([Uint8Array.of(0xa0), bytes(root)])
}

/** Nibbles below the root of accounts that stay when nodes are let go: at most 4,369 branches. */
const KEPT_DEPTH = 3

/** Lets go of most nodes where there are more than `limit`. */
export function boundTries(live: LiveTries, limit: number): void {
  if (live.nodes <= limit) return
  live.storage.clear()
  live.nodes = pruneTrie(live.accounts, KEPT_DEPTH)
}

/** A value with its newest record in the database (undefined: there was never one). */
export type Newest<Value> = { record: Uint8Array | undefined; value: Value }

export interface NewestValues {
  account(address: Address): Newest<Account | undefined>
  slot(address: Address, slot: Hex): Newest<bigint>
}

export class BlockChanges {
  /** What the block makes newest, for the readers' caches; slots by address ‖ slot. */
  readonly accounts = new Map<Address, Newest<Account | undefined>>()
  readonly slots = new Map<string, Newest<bigint>>()
  /** Whether slots went away that `slots` does not name. */
  wiped = false
  readonly #store: Store
  readonly #newest: NewestValues
  readonly #live: LiveTries
  readonly #number: number
  readonly #operations: StoreOperation[] = []
  readonly #replaced: Replaced[] = []
  readonly #roots = new Map<Address, Child | undefined>()
  #accountsRoot: Child | undefined
  #grown = 0

  constructor(store: Store, newest: NewestValues, live: LiveTries, number: number) {
    this.#store = store
    this.#newest = newest
    this.#live = live
    this.#number = number
    this.#accountsRoot = live.accounts
  }

  /** Takes the block's diff; returns the state root. */
  apply(diff: StateDiff): Hex {
    for (const [hash, code] of diff.codes) {
      this.#operations.push({ type: 'put', table: TABLES.codes, key: bytes(hash), value: code })
    }
    const trie = new TrieEdit((path) => this.#store.get(TABLES.accountNodes, path), this.#live.accounts)
    for (const address of new Set([...diff.accounts.keys(), ...diff.storage.keys(), ...diff.cleared])) {
      this.#account(trie, address, diff)
    }
    const sealed = this.#seal(trie, TABLES.accountNodes, (path) => path)
    this.#accountsRoot = sealed.root
    return sealed.rootHash
  }

  /** Block 0 replaces nothing and has no history. */
  operations(): StoreOperation[] {
    if (this.#number === 0) return this.#operations
    return [...this.#operations, ...historyOperations(this.#number, this.#replaced)]
  }

  /** Root of an account's storage after the block. */
  storageRoot(address: Address): Hex {
    return (this.accounts.get(address) ?? this.#newest.account(address)).value?.storageRoot ?? EMPTY_ROOT
  }

  /** Makes the new nodes the live ones. */
  commit(): void {
    this.#live.accounts = this.#accountsRoot
    for (const [address, root] of this.#roots) {
      if (root === undefined) this.#live.storage.delete(address)
      else this.#live.storage.set(address, root)
    }
    this.#live.nodes += this.#grown
  }

  #account(trie: TrieEdit, address: Address, diff: StateDiff): void {
    const { value: before, record } = this.#newest.account(address)
    const next = diff.accounts.get(address)
    const removed = next === null
    const storageRoot = this.#storage(
      address,
      before,
      removed || diff.cleared.has(address),
      removed ? undefined : diff.storage.get(address),
    )
    const fields = removed ? undefined : (next ?? before)
    if (fields === undefined) {
      if (storageRoot !== EMPTY_ROOT) throw new Error(`storage is written for ${address}, which is no account`)
      if (before === undefined) return
      this.accounts.set(address, {
        record: this.#change(TABLES.accounts, bytes(address), EMPTY, record),
        value: undefined,
      })
      trie.del(hashedKey(address))
      return
    }
    const account: Account = { nonce: fields.nonce, balance: fields.balance, storageRoot, codeHash: fields.codeHash }
    if (before !== undefined && sameAccount(before, account)) return
    const encoding = encodeAccount(account)
    this.accounts.set(address, {
      record: this.#change(TABLES.accounts, bytes(address), encoding, record),
      value: account,
    })
    trie.put(hashedKey(address), encoding)
  }

  /** Writes an account's slots; returns its new storage root. */
  #storage(address: Address, before: Account | undefined, wipe: boolean, writes: Map<Hex, bigint> | undefined): Hex {
    const rootBefore = before?.storageRoot ?? EMPTY_ROOT
    const wiping = wipe && rootBefore !== EMPTY_ROOT
    if (!wiping && (writes === undefined || writes.size === 0)) return rootBefore
    const source = (path: Uint8Array) => this.#store.get(TABLES.slotNodes, slotNodeKey(address, path))
    const root = wiping ? undefined : (this.#live.storage.get(address) ?? unloaded(rootBefore))
    const trie = new TrieEdit(source, root)
    const written = new Set<string>()
    for (const [slot, value] of writes ?? []) {
      const { record, value: before } = this.#newest.slot(address, slot)
      if (wiping ? value === 0n : value === before) continue
      const key = hashedKey(slot)
      const payload = quantity(value)
      this.slots.set(address + slot, {
        record: this.#change(TABLES.slots, slotKey(address, key), payload, record),
        value,
      })
      if (value === 0n) trie.del(key)
      else trie.put(key, RLP.encode(payload))
      if (wiping) written.add(nameOf(key))
    }
    const sealed = this.#seal(trie, TABLES.slotNodes, (path) => slotNodeKey(address, path))
    if (wiping) this.#wipe(address, source, written, new Set(sealed.changes.map(({ path }) => nameOf(path))))
    this.#roots.set(address, sealed.root)
    return sealed.rootHash
  }

  /** Removes what a wiped storage held and the block did not write anew. */
  #wipe(
    address: Address,
    source: (path: Uint8Array) => Uint8Array | undefined,
    keptSlots: Set<string>,
    keptNodes: Set<string>,
  ): void {
    this.wiped = true
    const { nodes, keys } = walkTrie(source)
    for (const { path, record } of nodes) {
      if (!keptNodes.has(nameOf(path))) this.#change(TABLES.slotNodes, slotNodeKey(address, path), EMPTY, record)
    }
    for (const key of keys) {
      const flat = slotKey(address, key)
      if (!keptSlots.has(nameOf(key))) this.#change(TABLES.slots, flat, EMPTY, this.#store.get(TABLES.slots, flat))
    }
  }

  #seal(trie: TrieEdit, table: Table, keyOf: (path: Uint8Array) => Uint8Array): SealedTrie {
    const sealed = trie.seal(this.#number)
    for (const { path, before, after } of sealed.changes)
      this.#replace(
        table,
        keyOf(path),
        after ?? encodeRecord(this.#number, EMPTY),
        before ?? this.#store.get(table, keyOf(path)),
      )
    this.#live.nodes += trie.loaded
    this.#grown += trie.grown
    return sealed
  }

  /** Writes a payload (empty: removes the value) over what is there; returns the new record. */
  #change(table: Table, key: Uint8Array, payload: Uint8Array, before: Uint8Array | undefined): Uint8Array {
    const after = encodeRecord(this.#number, payload)
    this.#replace(table, key, after, before)
    return after
  }

  #replace(table: Table, key: Uint8Array, after: Uint8Array, before: Uint8Array | undefined): void {
    this.#operations.push({ type: 'put', table, key, value: after })
    if (this.#number > 0) this.#replaced.push({ table, key, before })
  }
}

function sameAccount(a: Account, b: Account): boolean {
  return a.nonce === b.nonce && a.balance === b.balance && a.storageRoot === b.storageRoot && a.codeHash === b.codeHash
}

function nameOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
