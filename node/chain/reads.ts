/** What rpc/ may ask of the chain, the pool and the ledger. Implemented by node/chain and sequencer/pool; wired in cli/. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { HashedBlock, L2BlockRef, Receipt } from '../execution/block.ts'
import type { CallRequest, CallResult, StateOverrides } from '../execution/call.ts'
import type { Transaction } from '../execution/transaction.ts'
import type { L1BlockRef } from '../l1/source.ts'
import type { AccountProof, StateReader } from '../state/reader.ts'
import type { SafeHeadEntry } from './safe-head-index.ts'

export type HeadLabel = 'unsafe' | 'safe' | 'finalized'

/** op-node's optimism_syncStatus. */
export type SyncStatus = {
  currentL1: L1BlockRef | undefined
  headL1: L1BlockRef | undefined
  safeL1?: L1BlockRef | undefined
  finalizedL1?: L1BlockRef | undefined
  unsafeL2: L2BlockRef
  safeL2: L2BlockRef
  finalizedL2: L2BlockRef
}

/** The part of it that the follower of L1 tells the chain. */
export type L1Heads = Pick<SyncStatus, 'currentL1' | 'headL1' | 'safeL1' | 'finalizedL1'>

export type { CallRequest, CallResult, StateOverrides } from '../execution/call.ts'

export interface ChainReads {
  readonly config: ChainConfig
  /** Heads are in memory: synchronous. */
  head(label: HeadLabel): HashedBlock
  blockByNumber(number: bigint): Promise<HashedBlock | undefined>
  blockByHash(hash: Hex): Promise<HashedBlock | undefined>
  receipts(blockHash: Hex): Promise<Receipt[] | undefined>
  /** Decoded transactions of a block with their senders, in order. */
  transactions(blockHash: Hex): Promise<Transaction[] | undefined>
  /** Where a mined transaction lies. */
  locate(transactionHash: Hex): Promise<{ block: HashedBlock; index: number } | undefined>
  /** State after the block. Throws where the block is outside the kept history. */
  stateAt(blockNumber: bigint): Promise<StateReader>
  proof(address: Address, slots: Hex[], blockNumber: bigint): Promise<AccountProof>
  call(request: CallRequest, blockNumber: bigint, overrides?: StateOverrides): Promise<CallResult>
  /** Least gas with which the call succeeds, or the failing result. */
  estimateGas(request: CallRequest, blockNumber: bigint): Promise<{ gas: bigint } | { failed: CallResult }>
  syncStatus(): Promise<SyncStatus>
  /** Safe heads by the L1 blocks that concluded them, newest first, from an L1 number down. */
  safeHeadsUpTo(l1Number: bigint): AsyncIterable<SafeHeadEntry>
  /** Calls the listener after every change of a head; returns the unsubscribe function. */
  onHead(label: HeadLabel, listener: (block: HashedBlock) => void): () => void
  /** A contribution's content by keccak256, where this node holds it. */
  content(hash: Hex): Promise<Uint8Array | undefined>
}

/** A transaction was refused: `message` names the field, the value and the mend (geth's wordings where it has one). */
export class TransactionRejected extends Error {
  override name = 'TransactionRejected'
}

export interface TransactionSink {
  /** Takes a raw signed transaction; resolves with its hash once it is in the pool (or sent on to the sequencer). Throws {@link TransactionRejected}. */
  submit(raw: Uint8Array): Promise<Hex>
}

/** What the pool shows to RPC. */
export interface TransactionPoolView {
  byHash(hash: Hex): Transaction | undefined
  /** Next nonce of an account with its pending transactions counted. */
  nextNonce(address: Address): bigint | undefined
  content(): { pending: Transaction[]; queued: Transaction[] }
}
