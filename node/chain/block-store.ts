/**
 * Blocks, receipts and their indexes in the store. Writing functions return store operations and write nothing:
 * chain.ts puts them into the block's one atomic write. Tables: `blocks`, `canonical`, `receipts`, `transactions`,
 * `contents` (store/tables.ts).
 *
 *   transactions value:  block number u64 | index u32
 */
import type { Hex } from 'viem'
import { toHex } from '../../protocol/hex.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { HashedBlock, Receipt } from '../execution/block.ts'
import { decodeBlock, encodeBlock } from '../execution/block-codec.ts'
import type { AcceptedContent } from '../execution/native.ts'
import { decodeReceipts, encodeReceipts } from '../execution/receipt.ts'
import { decodeTransaction, type Transaction } from '../execution/transaction.ts'
import { hexKey, numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import { Recent } from './recent.ts'

/** What is kept of an executed block beside the state. */
export type BlockRecord = HashedBlock & {
  transactions: Transaction[]
  receipts: Receipt[]
}

const RECENT_BLOCKS = 256

export class BlockStore {
  private readonly store: Store
  private readonly chainId: bigint
  private readonly blocks = new Recent<Hex, HashedBlock>(RECENT_BLOCKS)
  private readonly receiptLists = new Recent<Hex, Receipt[]>(RECENT_BLOCKS)
  private readonly transactionLists = new Recent<Hex, Transaction[]>(RECENT_BLOCKS)

  constructor(modules: { store: Store }, options: { chainId: bigint }) {
    this.store = modules.store
    this.chainId = options.chainId
  }

  canonicalHash(number: bigint): Hex | undefined {
    if (number < 0n) return undefined
    const hash = this.store.get(TABLES.canonical, numberKey(number))
    return hash === undefined ? undefined : toHex(hash)
  }

  byNumber(number: bigint): HashedBlock | undefined {
    const hash = this.canonicalHash(number)
    return hash === undefined ? undefined : this.byHash(hash)
  }

  byHash(hash: Hex): HashedBlock | undefined {
    const known = this.blocks.get(hash)
    if (known !== undefined) return known
    const bytes = this.store.get(TABLES.blocks, hexKey(hash))
    if (bytes === undefined) return undefined
    const found = { hash, block: decodeBlock(bytes) }
    this.blocks.set(hash, found)
    return found
  }

  receipts(hash: Hex): Receipt[] | undefined {
    const known = this.receiptLists.get(hash)
    if (known !== undefined) return known
    const bytes = this.store.get(TABLES.receipts, hexKey(hash))
    if (bytes === undefined) return undefined
    const receipts = decodeReceipts(bytes)
    this.receiptLists.set(hash, receipts)
    return receipts
  }

  /** Decoded, with senders recovered. */
  transactions(hash: Hex): Transaction[] | undefined {
    const known = this.transactionLists.get(hash)
    if (known !== undefined) return known
    const found = this.byHash(hash)
    if (found === undefined) return undefined
    const transactions = found.block.transactions.map((raw) => decodeTransaction(raw, this.chainId))
    this.transactionLists.set(hash, transactions)
    return transactions
  }

  /** Where a transaction of the canonical chain lies. */
  locate(transactionHash: Hex): { block: HashedBlock; index: number } | undefined {
    const place = this.store.get(TABLES.transactions, hexKey(transactionHash))
    if (place === undefined) return undefined
    const view = new DataView(place.buffer, place.byteOffset, place.byteLength)
    const block = this.byNumber(view.getBigUint64(0))
    return block === undefined ? undefined : { block, index: view.getUint32(8) }
  }

  /** Everything of a new canonical block but state and labels. */
  insertion(record: BlockRecord, contents: AcceptedContent[]): StoreOperation[] {
    const hash = hexKey(record.hash)
    const number = record.block.header.number
    return [
      { type: 'put', table: TABLES.blocks, key: hash, value: encodeBlock(record.block) },
      { type: 'put', table: TABLES.canonical, key: numberKey(number), value: hash },
      { type: 'put', table: TABLES.receipts, key: hash, value: encodeReceipts(record.receipts) },
      ...record.transactions.map((transaction, index): StoreOperation => {
        const value = new Uint8Array(12)
        const view = new DataView(value.buffer)
        view.setBigUint64(0, number)
        view.setUint32(8, index)
        return { type: 'put', table: TABLES.transactions, key: hexKey(transaction.hash), value }
      }),
      ...contents.map(
        ({ hash, bytes }): StoreOperation => ({ type: 'put', table: TABLES.contents, key: hexKey(hash), value: bytes }),
      ),
    ]
  }

  /** Takes a block off the canonical chain, with its indexes. Contents stay: they are true under their hash on any chain. */
  removal(hash: Hex): StoreOperation[] {
    const found = this.byHash(hash)
    if (found === undefined) return []
    const key = hexKey(hash)
    return [
      { type: 'del', table: TABLES.blocks, key },
      { type: 'del', table: TABLES.canonical, key: numberKey(found.block.header.number) },
      { type: 'del', table: TABLES.receipts, key },
      ...found.block.transactions.map(
        (raw): StoreOperation => ({ type: 'del', table: TABLES.transactions, key: keccak256(raw) }),
      ),
    ]
  }

  /** After the insertion was written. */
  remember(record: BlockRecord): void {
    this.blocks.set(record.hash, { hash: record.hash, block: record.block })
    this.receiptLists.set(record.hash, record.receipts)
    this.transactionLists.set(record.hash, record.transactions)
  }

  /** After the removal was written. */
  forget(hash: Hex): void {
    this.blocks.delete(hash)
    this.receiptLists.delete(hash)
    this.transactionLists.delete(hash)
  }
}
