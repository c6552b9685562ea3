/**
 * The state in the database: flat accounts and slots for reading, Merkle nodes for the root, and what every
 * block replaced. All reads are synchronous. A block's changes are prepared (root computed, nothing written),
 * written by the caller together with the block in one atomic write, and then applied to what is in memory.
 */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keyNumber, nameKey, numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import { bigintOf, bytes, decodeAccount, EMPTY_CODE_HASH, hexOf } from './account-codec.ts'
import { BlockChanges, boundTries, type Newest, type NewestValues, unloadedTries } from './block-changes.ts'
import { hashedKey, slotKey, slotNodeKey } from './flat-key.ts'
import { pruneOperations, recordAt, revertOperations, StateUnavailableError } from './history.ts'
import type { Account, AccountProof, StateReader } from './reader.ts'
import { RecentCache } from './recent-cache.ts'
import { changedAt, isRemoval, payloadOf } from './record.ts'
import type { StateDiff } from './state-diff.ts'
import { trieProof } from './trie.ts'
import { EMPTY_ROOT, hashReference } from './trie-node.ts'

export type StateHead = { number: bigint; stateRoot: Hex }

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
  /** Merkle nodes held in memory between blocks. Default 60,000 (of about 1 KiB each). */
  liveNodes?: number
}

const HEAD_KEY = nameKey('head')

export class StateDatabase implements StateReader {
  readonly #store: Store
  readonly #options: StateOptions
  #head: StateHead | undefined
  readonly #accounts = new RecentCache<Address, Newest<Account | undefined>>(50_000)
  readonly #slots = new RecentCache<string, Newest<bigint>>(100_000)
  readonly #codes = new RecentCache<Hex, Uint8Array>(500)
  #live = unloadedTries(EMPTY_ROOT)
  #open: { prepared: PreparedState; apply: () => void } | undefined
  /** Blocks to which the state was reverted, in time order: views of later blocks made before are void. */
  readonly #reverts: bigint[] = []

  private constructor(store: Store, head: StateHead | undefined, options: StateOptions) {
    this.#store = store
    this.#head = head
    this.#options = options
    this.#live = unloadedTries(head?.stateRoot ?? EMPTY_ROOT)
  }

  /** Reads the head back. `head` is undefined in a new database until block 0 is applied. */
  static async open(modules: { store: Store }, options: StateOptions = {}): Promise<StateDatabase> {
    const bytes = modules.store.get(TABLES.stateMeta, HEAD_KEY)
    return new StateDatabase(modules.store, bytes && decodeHead(bytes), options)
  }

  /** The block whose state is current. */
  get head(): StateHead | undefined {
    return this.#head
  }

  account(address: Address): Account | undefined {
    return this.#accountAt(address, this.#headNumber())
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
    const changes = new BlockChanges(this.#store, this.#newest, this.#live, Number(number))
    const stateRoot = changes.apply(diff)
    const prepared: PreparedState = {
      number,
      stateRoot,
      operations: [...this.#pruned(number), ...changes.operations(), headOperation({ number, stateRoot })],
      storageRoot: (address) => changes.storageRoot(address),
    }
    const apply = () => {
      changes.commit()
      boundTries(this.#live, this.#options.liveNodes ?? 60_000)
      if (changes.wiped) this.#slots.clear()
      for (const [address, newest] of changes.accounts) this.#accounts.set(address, newest)
      for (const [name, newest] of changes.slots) this.#slots.set(name, newest)
    }
    this.#open = { prepared, apply }
    return prepared
  }

  /** Makes a prepared state current, after its operations were written. */
  applied(prepared: PreparedState): void {
    if (this.#open?.prepared !== prepared)
      throw new Error(`state of block ${prepared.number} was not the last one prepared`)
    this.#open.apply()
    this.#head = { number: prepared.number, stateRoot: prepared.stateRoot }
    this.#open = undefined
  }

  /** Undoes blocks back to an ancestor. Throws {@link StateUnavailableError} where that is no longer kept. */
  revertTo(number: bigint): PreparedState {
    const head = this.#headNumber()
    if (number < 0n || Number(number) > head)
      throw new StateUnavailableError(`cannot go back to block ${number}: the head is ${head}`)
    const reverted = this.#viewNumber(number)
    const stateRoot = this.#rootAt(reverted)
    const prepared: PreparedState = {
      number,
      stateRoot,
      operations: [...revertOperations(this.#store, head, reverted), headOperation({ number, stateRoot })],
      storageRoot: (address) => this.#accountAt(address, reverted)?.storageRoot ?? EMPTY_ROOT,
    }
    const apply = () => {
      this.#live = unloadedTries(stateRoot)
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
    const viewed = this.#viewNumber(number)
    const accountProof = trieProof((path) => this.#recordAt(TABLES.accountNodes, path, viewed), hashedKey(address))
    const storageNode = (path: Uint8Array) => this.#recordAt(TABLES.slotNodes, slotNodeKey(address, path), viewed)
    const storageProof = slots.map((key) => ({
      key,
      value: this.#storageAt(address, key, viewed),
      proof: trieProof(storageNode, hashedKey(key)),
    }))
    return { address, account: this.#accountAt(address, viewed), accountProof, storageProof }
  }

  #headNumber(): number {
    if (this.#head === undefined) return -1
    return Number(this.#head.number)
  }

  #viewNumber(number: bigint): number {
    const head = this.#head?.number ?? -1n
    if (number < 0n || number > head)
      throw new StateUnavailableError(`no state of block ${number}: the head is ${head}`)
    const oldest = this.#options.history === undefined ? 0n : head - this.#options.history
    if (number < oldest)
      throw new StateUnavailableError(`state of block ${number} is no longer kept (the oldest is ${oldest})`)
    return Number(number)
  }

  #pruned(number: bigint): StoreOperation[] {
    if (this.#options.history === undefined || number <= this.#options.history) return []
    return pruneOperations(this.#store, Number(number - this.#options.history))
  }

  #recordAt(
    table: typeof TABLES.accountNodes | typeof TABLES.slotNodes,
    key: Uint8Array,
    number: number,
  ): Uint8Array | undefined {
    return recordAt(this.#store, table, key, this.#store.get(table, key), number)
  }

  #rootAt(number: number): Hex {
    const record = this.#recordAt(TABLES.accountNodes, new Uint8Array(0), number)
    return record === undefined ? EMPTY_ROOT : hexOf(hashReference(payloadOf(record)).subarray(1))
  }

  /** Newest records, which belong to the head or to a block that is being written. */
  readonly #newest: NewestValues = {
    account: (address) => {
      const cached = this.#accounts.get(address)
      if (cached !== undefined) return cached
      const record = this.#store.get(TABLES.accounts, bytes(address))
      const newest = { record, value: record === undefined ? undefined : accountOf(record) }
      this.#accounts.set(address, newest)
      return newest
    },
    slot: (address, slot) => {
      const name = address + slot
      const cached = this.#slots.get(name)
      if (cached !== undefined) return cached
      const record = this.#store.get(TABLES.slots, slotKey(address, hashedKey(slot)))
      const newest = { record, value: record === undefined ? 0n : bigintOf(payloadOf(record)) }
      this.#slots.set(name, newest)
      return newest
    },
  }

  #accountAt(address: Address, number: number): Account | undefined {
    const { record, value } = this.#newest.account(address)
    if (record === undefined || changedAt(record) <= number) return value
    const past = recordAt(this.#store, TABLES.accounts, bytes(address), record, number)
    return past && accountOf(past)
  }

  #storageAt(address: Address, slot: Hex, number: number): bigint {
    const { record, value } = this.#newest.slot(address, slot)
    if (record === undefined || changedAt(record) <= number) return value
    const past = recordAt(this.#store, TABLES.slots, slotKey(address, hashedKey(slot)), record, number)
    return past === undefined ? 0n : bigintOf(payloadOf(past))
  }
}

function accountOf(record: Uint8Array): Account | undefined {
  return isRemoval(record) ? undefined : decodeAccount(payloadOf(record))
}

function headOperation(head: StateHead): StoreOperation {
  return {
    type: 'put',
    table: TABLES.stateMeta,
    key: HEAD_KEY,
    value: Buffer.concat([numberKey(head.number), bytes(head.stateRoot)]),
  }
}

function decodeHead(value: Uint8Array): StateHead {
  return { number: keyNumber(value), stateRoot: hexOf(value.subarray(8)) }
}
