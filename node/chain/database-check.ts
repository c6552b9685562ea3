/**
 * Whether a node's database is whole, for `openledger db check`: heads, the canonical chain from block 0 to the unsafe head
 * with its receipts and indexes, and the state (state/state-check.ts). Reads everything, changes nothing.
 */
import type { Hex } from 'viem'
import { keccak256 } from '../../protocol/keccak.ts'
import type { HashedBlock } from '../execution/block.ts'
import { headerHash } from '../execution/header.ts'
import { receiptsRoot, transactionsRoot } from '../execution/receipt.ts'
import { type CheckedState, checkState } from '../state/state-check.ts'
import { readStateHead } from '../state/state-records.ts'
import { keyNumber } from '../store/key.ts'
import type { Store } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import { BlockStore } from './block-store.ts'
import { openHeads } from './head-labels.ts'

export type CheckedDatabase = CheckedState & {
  /** With block 0; 0 for a new database. */
  blocks: number
  transactions: number
  contents: number
}

/** Throws an error that names the first damage. */
export async function checkDatabase(store: Store): Promise<CheckedDatabase> {
  const blocks = new BlockStore({ store }, { chainId: 0n })
  const heads = openHeads({ store, blocks }, readStateHead(store))
  const chain = await checkCanonicalChain(store, blocks, heads?.unsafe)
  return { ...chain, contents: await checkContents(store), ...(await checkState(store)) }
}

async function checkCanonicalChain(store: Store, blocks: BlockStore, head: HashedBlock | undefined) {
  let parent: Hex | undefined
  let next = 0n
  let transactions = 0
  for await (const [key] of store.range(TABLES.canonical)) {
    const number = keyNumber(key)
    if (number !== next) throw damaged(`the canonical chain has no block ${next}; ${number} follows`)
    const block = blocks.byNumber(number)
    if (block === undefined) throw damaged(`block ${number} (${blocks.canonicalHash(number)}) is missing`)
    checkBlock(block, number, parent)
    checkReceipts(blocks, block)
    checkIndex(blocks, block)
    transactions += block.block.transactions.length
    parent = block.hash
    next++
  }
  if (parent !== head?.hash)
    throw damaged(`the canonical chain ends with block ${next - 1n}, the unsafe head is ${head?.block.header.number}`)
  await checkCounts(store, Number(next), transactions)
  return { blocks: Number(next), transactions }
}

function checkBlock({ hash, block }: HashedBlock, number: bigint, parent: Hex | undefined): void {
  const { header } = block
  if (headerHash(header) !== hash) throw damaged(`block ${number} (${hash}) has another header`)
  if (header.number !== number) throw damaged(`block ${header.number} stands at number ${number}`)
  if (parent !== undefined && header.parentHash !== parent)
    throw damaged(`block ${number} names the parent ${header.parentHash}, before it stands ${parent}`)
  if (transactionsRoot(block.transactions) !== header.transactionsRoot)
    throw damaged(`the transactions of block ${number} do not have the root of its header`)
}

function checkReceipts(blocks: BlockStore, { hash, block }: HashedBlock): void {
  const { header } = block
  const receipts = blocks.receipts(hash)
  if (receipts === undefined) throw damaged(`the receipts of block ${header.number} (${hash}) are missing`)
  if (receiptsRoot(receipts) !== header.receiptsRoot)
    throw damaged(`the receipts of block ${header.number} do not have the root of its header`)
}

function checkIndex(blocks: BlockStore, { hash, block }: HashedBlock): void {
  for (const [index, raw] of block.transactions.entries()) {
    const transaction: Hex = `0x${Buffer.from(keccak256(raw)).toString('hex')}`
    const place = blocks.locate(transaction)
    if (place?.block.hash !== hash || place.index !== index)
      throw damaged(`transaction ${transaction} of block ${block.header.number} is not found at its index ${index}`)
  }
}

/** Nothing is left of blocks that were taken off. */
async function checkCounts(store: Store, blocks: number, transactions: number): Promise<void> {
  const expected = [
    ['blocks', TABLES.blocks, blocks],
    ['receipts', TABLES.receipts, blocks],
    ['transactions in the index', TABLES.transactions, transactions],
  ] as const
  for (const [what, table, count] of expected) {
    let found = 0
    for await (const _ of store.range(table)) found++
    if (found !== count) throw damaged(`there are ${found} ${what}, the canonical chain has ${count}`)
  }
}

async function checkContents(store: Store): Promise<number> {
  let contents = 0
  for await (const [hash, bytes] of store.range(TABLES.contents)) {
    contents++
    if (Buffer.compare(keccak256(bytes), hash) !== 0)
      throw damaged(`content 0x${Buffer.from(hash).toString('hex')} has other bytes`)
  }
  return contents
}

function damaged(what: string): Error {
  return new Error(`damaged database: ${what}`)
}
