/**
 * The state after a block straight from the store, with no cache between: for past blocks, for proofs, for checks, and for
 * whoever reads beside the process's writer (another thread, a command on a stopped node's data).
 */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { keyNumber, nameKey, numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import {
  bigintOf,
  bytes,
  decodeFlatAccount,
  EMPTY_CODE_HASH,
  encodeAccount,
  encodeSlot,
  hexOf,
} from './account-codec.ts'
import { hashedKey, slotKey, slotNodeKey } from './flat-key.ts'
import { recordAt } from './history.ts'
import type { Account, AccountProof, StateReader } from './reader.ts'
import { isRemoval, payloadOf } from './record.ts'
import { damaged } from './trie-node.ts'
import { type TrieSource, trieProof, trieRoot } from './trie-walk.ts'

export type StateHead = { number: bigint; stateRoot: Hex }

/** In place of a block's number: the newest state. */
export const NEWEST = Number.POSITIVE_INFINITY

const HEAD_KEY = nameKey('head')

/** undefined in a new database. */
export function readStateHead(store: Store): StateHead | undefined {
  const value = store.get(TABLES.stateMeta, HEAD_KEY)
  return value && { number: keyNumber(value), stateRoot: hexOf(value.subarray(8)) }
}

export function headOperation(head: StateHead): StoreOperation {
  const value = Buffer.concat([numberKey(head.number), bytes(head.stateRoot)])
  return { type: 'put', table: TABLES.stateMeta, key: HEAD_KEY, value }
}

export function accountOf(record: Uint8Array): Account | undefined {
  return isRemoval(record) ? undefined : decodeFlatAccount(payloadOf(record))
}

export function slotValueOf(record: Uint8Array): bigint {
  return bigintOf(payloadOf(record))
}

export function accountAt(store: Store, number: number, address: Address): Account | undefined {
  const key = bytes(address)
  const record = recordAt(store, TABLES.accounts, key, store.get(TABLES.accounts, key), number)
  return record && accountOf(record)
}

/** By the slot's hash. */
function slotRecordAt(store: Store, number: number, address: Address, hash: Uint8Array): Uint8Array | undefined {
  const key = slotKey(address, hash)
  return recordAt(store, TABLES.slots, key, store.get(TABLES.slots, key), number)
}

/** The trie of accounts after a block. */
export function accountTrieAt(store: Store, number: number): TrieSource<Account> {
  return {
    record: (path) => recordAt(store, TABLES.accountNodes, path, store.get(TABLES.accountNodes, path), number),
    leaf(locator) {
      const account = accountAt(store, number, hexOf(locator))
      if (account === undefined) throw damaged(`the trie has account ${hexOf(locator)}, which has no record`)
      return { key: keccak256(locator), value: account }
    },
    encode: encodeAccount,
  }
}

/** The trie of an account's slots after a block. */
export function storageTrieAt(store: Store, number: number, address: Address): TrieSource<bigint> {
  return {
    record(path) {
      const key = slotNodeKey(address, path)
      return recordAt(store, TABLES.slotNodes, key, store.get(TABLES.slotNodes, key), number)
    },
    leaf(locator) {
      const record = slotRecordAt(store, number, address, locator)
      if (record === undefined)
        throw damaged(`the storage trie of ${address} has slot ${hexOf(locator)}, which has no record`)
      return { key: locator, value: slotValueOf(record) }
    },
    encode: encodeSlot,
  }
}

/** The state root after a block. */
export function rootAt(store: Store, number: number): Hex {
  return trieRoot(accountTrieAt(store, number))
}

/** eth_getProof (EIP-1186) after a block. Slots: 32 bytes as hex. */
export function proofAt(store: Store, number: number, address: Address, slots: Hex[]): AccountProof {
  const account = accountAt(store, number, address)
  const accountProof = trieProof(accountTrieAt(store, number), hashedKey(address))
  const storage = storageTrieAt(store, number, address)
  const storageProof = slots.map((key) => {
    const record = slotRecordAt(store, number, address, hashedKey(key))
    return { key, value: record ? slotValueOf(record) : 0n, proof: trieProof(storage, hashedKey(key)) }
  })
  return { address, account, accountProof, storageProof }
}

/**
 * The state after a block for a reader beside the writer: another thread of the process, over a store of its own
 * (`multithreading` of level-store.ts). Throws StateUnavailableError where the block's history is gone. Who must know that
 * the block was not taken off the chain meanwhile compares its canonical hash before and after.
 */
export function stateViewAt(store: Store, number: bigint): StateReader {
  const at = Number(number)
  return {
    account: (address) => accountAt(store, at, address),
    storage(address, slot) {
      const record = slotRecordAt(store, at, address, hashedKey(slot))
      return record === undefined ? 0n : slotValueOf(record)
    },
    code(hash) {
      if (hash === EMPTY_CODE_HASH) return new Uint8Array(0)
      const code = store.get(TABLES.codes, bytes(hash))
      if (code === undefined) throw damaged(`no code with hash ${hash}`)
      return code
    },
  }
}
