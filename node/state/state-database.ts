/**
 * The state in the database: flat accounts and slots for reading, Merkle nodes for the root, and what every
 * block replaced. All reads are synchronous. A block's changes are prepared (root computed, nothing written),
 * written by the caller together with the block in one atomic write, and then applied to what is in memory.
 */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import { bytes, EMPTY_CODE_HASH, encodeAccount, encodeSlot, hexOf } from './account-codec.ts'
import { BlockChanges, type Newest, type NewestAccount, type NewestValues } from './block-changes.ts'
import { hashedKey, slotKey, slotNodeKey } from './flat-key.ts'
import { recordAt, revertOperations, StateUnavailableError, unavailable } from './history.ts'
import { HistoryWindow } from './history-window.ts'
import { LiveTries } from './live-tries.ts'
import type { Account, AccountProof, StateReader } from './reader.ts'
import { RecentCache } from './recent-cache.ts'
import { changedAt } from './record.ts'
import type { StateDiff } from './state-diff.ts'
import {
  accountOf,
  headOperation,
  NEWEST,
  proofAt,
  readStateHead,
  rootAt,
  type StateHead,
  slotValueOf,
  storageTrieAt,
} from './state-records.ts'
import { damaged, EMPTY_ROOT } from './trie-node.ts'

/** A block's state changes, computed and not yet written. */
export type PreparedState = StateHead & {
  /** To be written in the block's one atomic write; then call `applied`. */
  operations: StoreOperation[]
  /** Root of an account's storage after the block (EMPTY_ROOT where it has none). */
  storageRoot(address: Address): Hex
}

export type StateOptions = {
  /** How many blocks before the head stay readable and revertible; all of them where absent. */
  history?: bigint
  /** Merkle nodes held in memory between blocks. Default 400,000 (some 130 MB), which a million accounts have. */
  liveNodes?: number
}

const LIVE_NODES = 400_000
/** Reads of one prefetch that go on beside one another. */
const PREFETCH_PARTS = 2

export class StateDatabase implements StateReader {
  readonly #store: Store
  readonly #window: HistoryWindow
  #head: StateHead | undefined
  readonly #accounts = new RecentCache<Address, NewestAccount>(50_000)
  readonly #slots = new RecentCache<string, Newest<bigint>>(100_000)
  readonly #live: LiveTries
  readonly #codes = new RecentCache<Hex, Uint8Array>(500)
  #open: { prepared: PreparedState; apply: () => void } | undefined
  /** Counts blocks applied and reverted: what was read before belongs to another state. */
  #generation = 0
  /** Blocks to which the state was reverted, in time order: views of later blocks made before are void. */
  readonly #reverts: bigint[] = []

  private constructor(store: Store, head: StateHead | undefined, options: StateOptions) {
    this.#store = store
    this.#head = head
    this.#window = new HistoryWindow(store, options.history)
    this.#live = new LiveTries(options.liveNodes ?? LIVE_NODES)
  }

  /** Reads the head back. `head` is undefined in a new database until block 0 is applied. */
  static async open(modules: { store: Store }, options: StateOptions = {}): Promise<StateDatabase> {
    return new StateDatabase(modules.store, readStateHead(modules.store), options)
  }

  /** Waits for work on the disk that goes on beside the blocks (pruning's compaction); throws where it failed. */
  async close(): Promise<void> {
    await this.#window.close()
  }

  /** The block whose state is current. */
  get head(): StateHead | undefined {
    return this.#head
  }

  /** The oldest block whose state can be read and gone back to. */
  get oldest(): bigint {
    return this.#window.oldest
  }

  account(address: Address): Account | undefined {
    return this.#accountAt(address, this.#headNumber())
  }

  /**
   * Reads accounts into the cache on other threads, so that a block which needs them waits for no disk. No more than a
   * hint: at most some 50,000 stay, and what is read while a block is applied is dropped.
   */
  async prefetch(addresses: Iterable<Address>): Promise<void> {
    const generation = this.#generation
    const missing = [...new Set(addresses)].filter((address) => this.#accounts.get(address) === undefined).sort()
    const size = Math.ceil(missing.length / PREFETCH_PARTS)
    const parts = Array.from({ length: PREFETCH_PARTS }, (_, i) => missing.slice(i * size, (i + 1) * size).map(bytes))
    const records = await Promise.all(parts.map((keys) => this.#store.getMany(TABLES.accounts, keys)))
    if (generation !== this.#generation) return
    for (const [i, record] of records.flat().entries()) {
      const address = missing[i]!
      if (this.#accounts.get(address) === undefined) this.#accounts.set(address, newestAccount(bytes(address), record))
    }
  }

  storage(address: Address, slot: Hex): bigint {
    return this.#storageAt(address, slot, this.#headNumber())
  }

  code(codeHash: Hex): Uint8Array {
    if (codeHash === EMPTY_CODE_HASH) return new Uint8Array(0)
    const cached = this.#codes.get(codeHash)
    if (cached !== undefined) return cached
    const code = this.#store.get(TABLES.codes, bytes(codeHash))
    if (code === undefined) throw new Error(`damaged database: no code with hash ${codeHash}`)
    this.#codes.set(codeHash, code)
    return code
  }

  /**
   * Computes the state after block `number` (the head's successor, or 0 in a new database). Writes nothing and
   * changes nothing that a reader sees. A later call replaces an earlier one that was not applied.
   */
  prepare(diff: StateDiff, number: bigint): PreparedState {
    const expected = this.#head === undefined ? 0n : this.#head.number + 1n
    if (number !== expected)
      throw new Error(`state of block ${number} cannot be prepared: the next block is ${expected}`)
    const modules = { store: this.#store, newest: this.#newest, live: this.#live }
    const changes = new BlockChanges(modules, Number(number))
    const stateRoot = changes.apply(diff)
    const pruned = this.#window.prune(number)
    const prepared: PreparedState = {
      number,
      stateRoot,
      operations: [...pruned.operations, ...changes.operations(), headOperation({ number, stateRoot })],
      storageRoot: (address) => changes.storageRoot(address),
    }
    const apply = () => {
      changes.commit()
      if (changes.wiped) this.#slots.clear()
      this.#window.applied(pruned)
    }
    this.#open = { prepared, apply }
    return prepared
  }

  /** Makes a prepared state current, after its operations were written. */
  applied(prepared: PreparedState): void {
    if (this.#open?.prepared !== prepared)
      throw new Error(`state of block ${prepared.number} was not the last one prepared`)
    this.#open.apply()
    this.#generation++
    this.#head = { number: prepared.number, stateRoot: prepared.stateRoot }
    this.#open = undefined
  }

  /** Undoes blocks back to an ancestor. Throws {@link StateUnavailableError} where that is no longer kept. */
  revertTo(number: bigint): PreparedState {
    const head = this.#headNumber()
    if (number < 0n || Number(number) > head)
      throw new StateUnavailableError(`cannot go back to block ${number}: the head is ${head}`)
    const reverted = this.#viewNumber(number)
    const stateRoot = rootAt(this.#store, reverted)
    const prepared: PreparedState = {
      number,
      stateRoot,
      operations: [...revertOperations(this.#store, head, reverted), headOperation({ number, stateRoot })],
      storageRoot: (address) => this.#accountAt(address, reverted)?.storageRoot ?? EMPTY_ROOT,
    }
    const apply = () => {
      this.#live.clear()
      this.#accounts.clear()
      this.#slots.clear()
      this.#reverts.push(number)
    }
    this.#open = { prepared, apply }
    return prepared
  }

  /**
   * The state after a past block, or the head. Stays readable while the chain grows; reading throws
   * {@link StateUnavailableError} once the block itself has been reverted or its history dropped.
   */
  at(number: bigint): StateReader {
    const viewed = this.#viewNumber(number)
    const reverts = this.#reverts.length
    const check = () => {
      for (let i = reverts; i < this.#reverts.length; i++) {
        if (this.#reverts[i]! < number) throw new StateUnavailableError(`block ${number} has been reverted`)
      }
    }
    return {
      account: (address) => {
        check()
        return this.#accountAt(address, viewed)
      },
      storage: (address, slot) => {
        check()
        return this.#storageAt(address, slot, viewed)
      },
      code: (codeHash) => this.code(codeHash),
    }
  }

  /** eth_getProof (EIP-1186) after a past block or the head. Slots: 32 bytes as hex. */
  proof(number: bigint, address: Address, slots: Hex[]): AccountProof {
    return proofAt(this.#store, this.#viewNumber(number), address, slots)
  }

  #headNumber(): number {
    if (this.#head === undefined) return -1
    return Number(this.#head.number)
  }

  #viewNumber(number: bigint): number {
    const head = this.#head?.number ?? -1n
    if (number < 0n || number > head)
      throw new StateUnavailableError(`no state of block ${number}: the head is ${head}`)
    const { oldest } = this.#window
    if (number < oldest) throw unavailable(number, `kept from block ${oldest} on`)
    return Number(number)
  }

  /** Newest records, which belong to the head or to a block that is being written. */
  readonly #newest: NewestValues = {
    account: (address) => {
      const cached = this.#accounts.get(address)
      if (cached !== undefined) return cached
      const key = bytes(address)
      const newest = newestAccount(key, this.#store.get(TABLES.accounts, key))
      this.#accounts.set(address, newest)
      return newest
    },
    slot: (address, slot) => {
      const name = address + slot
      const cached = this.#slots.get(name)
      if (cached !== undefined) return cached
      const record = this.#store.get(TABLES.slots, slotKey(address, hashedKey(slot)))
      const newest = { record, value: record === undefined ? 0n : slotValueOf(record) }
      this.#slots.set(name, newest)
      return newest
    },
    accountTrie: {
      record: (path) => this.#store.get(TABLES.accountNodes, path),
      leaf: (locator) => {
        const address = hexOf(locator)
        const { hash, value } = this.#newest.account(address)
        if (value === undefined) throw damaged(`the trie has account ${address}, which has no record`)
        return { key: hash, value }
      },
      encode: encodeAccount,
    },
    storageTrie: (address) => ({
      record: (path) => this.#store.get(TABLES.slotNodes, slotNodeKey(address, path)),
      leaf: storageTrieAt(this.#store, NEWEST, address).leaf,
      encode: encodeSlot,
    }),
  }

  #accountAt(address: Address, number: number): Account | undefined {
    const { record, value, key } = this.#newest.account(address)
    if (record === undefined || changedAt(record) <= number) return value
    const past = recordAt(this.#store, TABLES.accounts, key, record, number)
    return past && accountOf(past)
  }

  #storageAt(address: Address, slot: Hex, number: number): bigint {
    const { record, value } = this.#newest.slot(address, slot)
    if (record === undefined || changedAt(record) <= number) return value
    const past = recordAt(this.#store, TABLES.slots, slotKey(address, hashedKey(slot)), record, number)
    return past === undefined ? 0n : slotValueOf(past)
  }
}

function newestAccount(key: Uint8Array, record: Uint8Array | undefined): NewestAccount {
  return { record, value: record && accountOf(record), key, hash: keccak256(key) }
}
