/** From a block's state diff to database operations: new records, what they replace, and the state root. */
import { RLP } from '@ethereumjs/rlp'
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { bytes, encodeAccount, quantity } from './account-codec.ts'
import { hashedKey, slotKey, slotNodeKey } from './flat-key.ts'
import { type ChangedKey, encodeChangedKeys, historyKey } from './history.ts'
import type { Account, StateReader } from './reader.ts'
import { encodeRecord, isRemoval } from './record.ts'
import type { StateDiff } from './state-diff.ts'
import { type SealedTrie, TrieEdit, walkTrie } from './trie.ts'
import { type Child, EMPTY_ROOT } from './trie-node.ts'

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

export class BlockChanges {
  /** New values, for the readers' caches. */
  readonly accounts = new Map<Address, Account | undefined>()
  readonly slots = new Map<string, bigint>()
  /** Whether slots went away that `slots` does not name. */
  wiped = false
  readonly #store: Store
  readonly #reader: StateReader
  readonly #live: LiveTries
  readonly #number: number
  readonly #operations: StoreOperation[] = []
  readonly #changedKeys: ChangedKey[] = []
  readonly #roots = new Map<Address, Child | undefined>()
  #accountsRoot: Child | undefined
  #grown = 0

  constructor(store: Store, reader: StateReader, live: LiveTries, number: number) {
    this.#store = store
    this.#reader = reader
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

  operations(): StoreOperation[] {
    if (this.#number === 0) return this.#operations
    const key = numberKey(BigInt(this.#number))
    return [
      ...this.#operations,
      { type: 'put', table: TABLES.changes, key, value: encodeChangedKeys(this.#changedKeys) },
    ]
  }

  /** Root of an account's storage after the block. */
  storageRoot(address: Address): Hex {
    const account = this.accounts.has(address) ? this.accounts.get(address) : this.#reader.account(address)
    return account?.storageRoot ?? EMPTY_ROOT
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
    const before = this.#reader.account(address)
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
      this.accounts.set(address, undefined)
      this.#change(TABLES.accounts, bytes(address), undefined)
      trie.del(hashedKey(address))
      return
    }
    const account: Account = { nonce: fields.nonce, balance: fields.balance, storageRoot, codeHash: fields.codeHash }
    if (before !== undefined && sameAccount(before, account)) return
    const encoding = encodeAccount(account)
    this.accounts.set(address, account)
    this.#change(TABLES.accounts, bytes(address), encodeRecord(this.#number, encoding))
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
      if (!wiping && value === this.#reader.storage(address, slot)) continue
      if (wiping && value === 0n) continue
      const key = hashedKey(slot)
      const payload = quantity(value)
      this.slots.set(address + slot, value)
      this.#change(TABLES.slots, slotKey(address, key), value === 0n ? undefined : encodeRecord(this.#number, payload))
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
      if (!keptNodes.has(nameOf(path))) this.#change(TABLES.slotNodes, slotNodeKey(address, path), undefined, record)
    }
    for (const key of keys) {
      if (!keptSlots.has(nameOf(key))) this.#change(TABLES.slots, slotKey(address, key), undefined)
    }
  }

  #seal(trie: TrieEdit, table: Table, keyOf: (path: Uint8Array) => Uint8Array): SealedTrie {
    const sealed = trie.seal(this.#number)
    for (const { path, before, after } of sealed.changes) this.#change(table, keyOf(path), after, before)
    this.#live.nodes += trie.loaded
    this.#grown += trie.grown
    return sealed
  }

  /** Writes a record (undefined: removes the value) and keeps the one that it replaces. */
  #change(table: Table, key: Uint8Array, after: Uint8Array | undefined, knownBefore?: Uint8Array): void {
    const before = knownBefore ?? this.#store.get(table, key)
    if (after === undefined && (before === undefined || isRemoval(before))) return
    this.#operations.push({ type: 'put', table, key, value: after ?? encodeRecord(this.#number, new Uint8Array(0)) })
    if (this.#number === 0) return
    this.#operations.push({
      type: 'put',
      table: TABLES.history,
      key: historyKey(this.#number, table, key),
      value: before ?? new Uint8Array(0),
    })
    this.#changedKeys.push({ table, key })
  }
}

function sameAccount(a: Account, b: Account): boolean {
  return a.nonce === b.nonce && a.balance === b.balance && a.storageRoot === b.storageRoot && a.codeHash === b.codeHash
}

function nameOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
