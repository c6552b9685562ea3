/**
 * The chain: three heads over one canonical line of executed blocks. A single writer: every change waits its
 * turn in one mutex, and lands in one atomic store write that holds block, receipts, indexes, state, contents and
 * labels together. So a crash at any instruction leaves the last whole block (02-architecture, "Habits").
 *
 *   build         sequencer      attributes + pool          -> unsafe head
 *   insertUnsafe  network        a signed block             -> unsafe head
 *   deriveSafe    L1 follower    attributes of L1           -> safe head (consolidates, or reorgs)
 *   resetTo       L1 follower    L1 took something back     -> all heads at or below a block
 */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import type { ChainConfig, SystemConfig } from '../../genesis/chain-config.ts'
import { l2BlockRef } from '../derivation/block-ref.ts'
import { systemConfigFromBlock } from '../derivation/system-config.ts'
import { CriticalError, ResetError, TemporaryError } from '../errors.ts'
import type { Block, HashedBlock, L2BlockRef, PayloadAttributes, Receipt } from '../execution/block.ts'
import { estimateGas, simulateCall } from '../execution/call.ts'
import { type ExecutedBlock, executeBlock, type TransactionSource } from '../execution/execute-block.ts'
import { headerHash } from '../execution/header.ts'
import type { NativeContracts } from '../execution/native.ts'
import type { SenderThreads } from '../execution/sender-threads.ts'
import type { Transaction } from '../execution/transaction.ts'
import type { L1BlockRef } from '../l1/source.ts'
import type { AccountProof, StateReader } from '../state/reader.ts'
import type { PreparedState, StateDatabase } from '../state/state-database.ts'
import { hexKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'
import { attributesMismatch } from './attributes-match.ts'
import type { BlockStore } from './block-store.ts'
import { type AnsweringModules, answerCall } from './call-answer.ts'
import type { CallThreads } from './call-threads.ts'
import { executeClaimed, executeDerived } from './checked-execution.ts'
import { HEAD_LABELS, type Heads, labelOperation } from './head-labels.ts'
import { ChainBrokenError, CompetingBlockError, ParentMissingError } from './import-error.ts'
import { Mutex } from './mutex.ts'
import { openBlocks } from './opening.ts'
import { OUTPUT_VERSION, outputRoot } from './output-root.ts'
import type { CallRequest, CallResult, ChainReads, HeadLabel, L1Heads, StateOverrides, SyncStatus } from './reads.ts'
import { type SafeHeadEntry, safeHeadOperation, safeHeadRemovals, safeHeadsUpTo } from './safe-head-index.ts'

export type ChainModules = {
  config: ChainConfig
  store: Store
  state: StateDatabase
  natives: NativeContracts
  /** Recovers senders of blocks to come beside the main thread; without it they are recovered when a block is executed. */
  senders?: Pick<SenderThreads, 'recover'>
  /** Where calls go that turn out to be long; without it all are answered here. */
  calls?: Pick<CallThreads, 'run'>
}

export type ChainOptions = {
  /** Where replay bundles go; none are written where absent. */
  replayDirectory?: string
  /** Wait for the disk at every block (survives a power cut). Without it blocks survive the death of the process. */
  sync?: boolean
}

/** What derivation concluded must follow the safe head, and from which L1 block. */
export type SafeInput = {
  attributes: PayloadAttributes
  parent: { hash: Hex; number: bigint }
  derivedFrom: L1BlockRef
}

/** How a derived block became safe. `depositsOnly`: its batch's transactions were invalid (Holocene), so it has none. */
export type SafeOutcome = {
  block: HashedBlock
  outcome: 'consolidated' | 'executed' | 'reorged'
  depositsOnly: boolean
}

/** optimism_outputAtBlock. */
export type Output = {
  version: Hex
  outputRoot: Hex
  blockRef: L2BlockRef
  withdrawalStorageRoot: Hex
  stateRoot: Hex
}

export class Chain implements ChainReads {
  readonly config: ChainConfig
  private readonly modules: ChainModules
  private readonly options: ChainOptions
  private readonly blocks: BlockStore
  private readonly mutex = new Mutex()
  private readonly listeners: Record<HeadLabel, Set<(block: HashedBlock) => void>> = {
    unsafe: new Set(),
    safe: new Set(),
    finalized: new Set(),
  }
  private heads: Heads
  private broken: Error | undefined
  private l1: L1Heads

  /** Opens the chain of a store, writing block 0 into a new one. Throws {@link CriticalError} where store and config disagree. */
  static async open(modules: ChainModules, options: ChainOptions = {}): Promise<Chain> {
    const { blocks, heads } = await openBlocks(modules)
    return new Chain(modules, options, blocks, heads)
  }

  private constructor(modules: ChainModules, options: ChainOptions, blocks: BlockStore, heads: Heads) {
    this.config = modules.config
    this.modules = modules
    this.options = options
    this.blocks = blocks
    this.heads = heads
    this.l1 = { currentL1: undefined, headL1: undefined }
  }

  // Changes

  /**
   * Executes attributes on the unsafe head and makes the block the new unsafe head. Throws TemporaryError where the
   * head has moved on, InvalidBlockError where the attributes cannot stand.
   */
  build(parent: { hash: Hex }, attributes: PayloadAttributes, source?: TransactionSource): Promise<HashedBlock> {
    return this.change(async () => {
      const head = this.heads.unsafe
      if (parent.hash !== head.hash) {
        throw new TemporaryError(`cannot build on ${parent.hash}: the head is now ${head.hash}`)
      }
      return this.commit(await executeBlock(this.modules, head, attributes, source), ['unsafe'])
    })
  }

  /**
   * Executes a block that came by gossip or request and makes it the unsafe head; a block that is held already is
   * only returned. Throws {@link ParentMissingError}, {@link CompetingBlockError}, or {@link BlockMismatchError}.
   * Blocks in a row may be inserted without waiting: their senders are recovered while earlier ones execute.
   */
  async insertUnsafe(block: Block): Promise<HashedBlock> {
    const senders = this.modules.senders?.recover(block.transactions)
    const [inserted] = await Promise.all([this.insertRecovered(block, senders), senders])
    return inserted
  }

  private insertRecovered(block: Block, senders: Promise<void> | undefined): Promise<HashedBlock> {
    return this.change(async () => {
      await senders
      const { number, parentHash } = block.header
      const hash = headerHash(block.header)
      const head = this.heads.unsafe
      if (this.blocks.canonicalHash(number) === hash) return { hash, block }
      if (number > head.block.header.number + 1n)
        throw new ParentMissingError(number, parentHash, head.block.header.number)
      if (parentHash !== head.hash) throw new CompetingBlockError(number, hash, this.blocks.canonicalHash(number))
      return this.commit(await executeClaimed(this.modules, head, block, this.options), ['unsafe'])
    })
  }

  /**
   * Makes what L1 says about the block after the safe head safe: the block held there if it says the same,
   * otherwise one that is executed anew in place of the unsafe blocks from there on. Throws ResetError where
   * `parent` is not the safe head.
   */
  deriveSafe({ attributes, parent, derivedFrom }: SafeInput): Promise<SafeOutcome> {
    return this.change(async () => {
      const safe = this.heads.safe
      if (parent.hash !== safe.hash)
        throw new ResetError(`derived on ${parent.hash}, but the safe head is ${safe.hash}`)
      const number = safe.block.header.number + 1n
      const entry = (l2: Hex): StoreOperation =>
        safeHeadOperation({ l1: { number: derivedFrom.number, hash: derivedFrom.hash }, l2: { number, hash: l2 } })
      const held = this.blocks.byNumber(number)
      if (held !== undefined && attributesMismatch(held.block, attributes) === undefined) {
        await this.write([labelOperation('safe', held), entry(held.hash)])
        this.moveHeads({ safe: held })
        return { block: held, outcome: 'consolidated', depositsOnly: false }
      }
      if (held !== undefined) await this.rewind(safe)
      const { executed, depositsOnly } = await executeDerived(this.modules, safe, attributes, this.options)
      const block = await this.commit(executed, ['unsafe', 'safe'], [entry(executed.hash)])
      return { block, outcome: held === undefined ? 'executed' : 'reorged', depositsOnly }
    })
  }

  /**
   * Recovers the senders of blocks that derivation is about to give, where they will have to be executed: not while blocks
   * are held that L1 has yet to make safe. Resolves once they are known.
   */
  async recoverDerived(transactions: readonly Uint8Array[]): Promise<void> {
    const { safe, unsafe } = this.heads
    if (unsafe.block.header.number === safe.block.header.number) await this.modules.senders?.recover(transactions)
  }

  /** Moves the safe or finalized head along the canonical chain (up or down). Throws where the block is not on it or the order would break. */
  setHead(label: 'safe' | 'finalized', ref: { number: bigint; hash: Hex }): Promise<void> {
    return this.change(async () => {
      const block = this.canonical(ref)
      const heads = { ...this.heads, [label]: block }
      const [finalized, safe, unsafe] = [heads.finalized, heads.safe, heads.unsafe].map(
        (head) => head.block.header.number,
      )
      if (finalized! > safe! || safe! > unsafe!) {
        throw new CriticalError(
          `${label} head cannot be block ${ref.number}: finalized ${finalized}, safe ${safe}, unsafe ${unsafe}`,
        )
      }
      if (this.heads[label].hash === block.hash) return
      const stale = label === 'safe' ? await safeHeadRemovals(this.modules.store, ref.number) : []
      await this.write([labelOperation(label, block), ...stale])
      this.moveHeads({ [label]: block })
    })
  }

  /**
   * Takes everything above a canonical block off the chain, in one write, and lowers the heads that stood above:
   * the state becomes that block's again.
   */
  resetTo(number: bigint): Promise<void> {
    return this.change(async () => {
      const block = this.blocks.byNumber(number)
      if (block === undefined) throw new CriticalError(`cannot reset to block ${number}: it is not on this chain`)
      await this.rewind(block)
    })
  }

  /** What the follower last saw of L1; for the sync status only. */
  noteL1(seen: L1Heads): void {
    this.l1 = seen
  }

  /** Waits for changes under way; afterwards the store may be closed. */
  async close(): Promise<void> {
    this.broken ??= new ChainBrokenError('the chain is closed')
    await this.mutex.idle()
  }

  // Reads

  head(label: HeadLabel): HashedBlock {
    return this.heads[label]
  }

  headRef(label: HeadLabel): L2BlockRef {
    return l2BlockRef(this.config, this.heads[label])
  }

  async blockByNumber(number: bigint): Promise<HashedBlock | undefined> {
    return this.blocks.byNumber(number)
  }

  async blockByHash(hash: Hex): Promise<HashedBlock | undefined> {
    return this.blocks.byHash(hash)
  }

  async receipts(blockHash: Hex): Promise<Receipt[] | undefined> {
    return this.blocks.receipts(blockHash)
  }

  async transactions(blockHash: Hex): Promise<Transaction[] | undefined> {
    return this.blocks.transactions(blockHash)
  }

  /** Synchronous {@link transactions}, for the pool. */
  decodedTransactions(blockHash: Hex): Transaction[] | undefined {
    return this.blocks.transactions(blockHash)
  }

  async locate(transactionHash: Hex): Promise<{ block: HashedBlock; index: number } | undefined> {
    return this.blocks.locate(transactionHash)
  }

  async content(hash: Hex): Promise<Uint8Array | undefined> {
    return this.modules.store.get(TABLES.contents, hexKey(hash))
  }

  /** State at the unsafe head, synchronously (the pool's view). */
  headState(): StateReader {
    return this.modules.state
  }

  async stateAt(blockNumber: bigint): Promise<StateReader> {
    return this.modules.state.at(blockNumber)
  }

  async proof(address: Address, slots: Hex[], blockNumber: bigint): Promise<AccountProof> {
    return this.modules.state.proof(blockNumber, address, slots)
  }

  async call(request: CallRequest, blockNumber: bigint, overrides?: StateOverrides): Promise<CallResult> {
    const { header } = this.required(blockNumber).block
    const state = this.modules.state.at(blockNumber)
    return answerCall(this.answering(blockNumber), { kind: 'call', header, request, overrides }, (modules) =>
      simulateCall(modules, state, header, request, overrides),
    )
  }

  async estimateGas(request: CallRequest, blockNumber: bigint): Promise<{ gas: bigint } | { failed: CallResult }> {
    const { header } = this.required(blockNumber).block
    const state = this.modules.state.at(blockNumber)
    return answerCall(this.answering(blockNumber), { kind: 'estimate', header, request }, (modules) =>
      estimateGas(modules, state, header, request),
    )
  }

  private answering(number: bigint): AnsweringModules {
    const { config, natives, calls } = this.modules
    return { config, natives, ...(calls && { calls }), hash: () => this.blocks.canonicalHash(number) }
  }

  async syncStatus(): Promise<SyncStatus> {
    return {
      ...this.l1,
      unsafeL2: this.headRef('unsafe'),
      safeL2: this.headRef('safe'),
      finalizedL2: this.headRef('finalized'),
    }
  }

  onHead(label: HeadLabel, listener: (block: HashedBlock) => void): () => void {
    this.listeners[label].add(listener)
    return () => this.listeners[label].delete(listener)
  }

  outputAtBlock(number: bigint): Output {
    const block = this.required(number)
    return {
      version: OUTPUT_VERSION,
      outputRoot: outputRoot(block),
      blockRef: l2BlockRef(this.config, block),
      withdrawalStorageRoot: block.block.header.withdrawalsRoot,
      stateRoot: block.block.header.stateRoot,
    }
  }

  /** Safe heads by the L1 blocks that concluded them, newest first, from an L1 number down. */
  safeHeadsUpTo(l1Number: bigint): AsyncGenerator<SafeHeadEntry> {
    return safeHeadsUpTo(this.modules.store, l1Number)
  }

  /** derivation's L2View. Throws RangeError where the chain has no such block. */
  async blockRef(number: bigint): Promise<L2BlockRef> {
    return l2BlockRef(this.config, this.required(number))
  }

  /** derivation's L2View: the system config that held in a block. */
  async systemConfigOf(number: bigint): Promise<SystemConfig> {
    return systemConfigFromBlock(this.config, this.required(number).block)
  }

  // Inside

  private change<T>(work: () => Promise<T>): Promise<T> {
    return this.mutex.run(async () => {
      if (this.broken !== undefined) throw this.broken
      return work()
    })
  }

  /** The one write of a block. */
  private async commit(
    executed: ExecutedBlock,
    labels: HeadLabel[],
    more: StoreOperation[] = [],
  ): Promise<HashedBlock> {
    const block: HashedBlock = { hash: executed.hash, block: executed.block }
    await this.write([
      ...executed.state.operations,
      ...this.blocks.insertion(executed, executed.contents),
      ...labels.map((label) => labelOperation(label, block)),
      ...more,
    ])
    this.modules.state.applied(executed.state)
    this.blocks.remember(executed)
    this.moveHeads(Object.fromEntries(labels.map((label) => [label, block])))
    return block
  }

  /** One write: state back to the block, blocks above it gone, labels lowered. */
  private async rewind(to: HashedBlock): Promise<void> {
    const target = to.block.header.number
    const top = this.heads.unsafe.block.header.number
    if (top === target) return
    const reverted = this.revertedState(target)
    const removed: Hex[] = []
    for (let number = top; number > target; number--) removed.push(this.blocks.canonicalHash(number)!)
    const lowered = HEAD_LABELS.filter((label) => this.heads[label].block.header.number > target)
    await this.write([
      ...reverted.operations,
      ...removed.flatMap((hash) => this.blocks.removal(hash)),
      ...lowered.map((label) => labelOperation(label, to)),
      ...(await safeHeadRemovals(this.modules.store, target)),
    ])
    this.modules.state.applied(reverted)
    for (const hash of removed) this.blocks.forget(hash)
    this.moveHeads(Object.fromEntries(lowered.map((label) => [label, to])))
  }

  /** Reverting as far as history is kept; what lies further back only L1 can give again. */
  private revertedState(target: bigint): PreparedState {
    const { oldest } = this.modules.state
    if (target >= oldest) return this.modules.state.revertTo(target)
    throw new CriticalError(
      `cannot go back to block ${target}: states are kept from block ${oldest} on (--history); remove the data directory, and the node derives its chain from L1 anew`,
    )
  }

  /** After a failed write nobody knows what the store holds, so the chain refuses to go on until it is opened again. */
  private async write(operations: StoreOperation[]): Promise<void> {
    try {
      await this.modules.store.write(operations, { sync: this.options.sync ?? false })
    } catch (error) {
      this.broken = new ChainBrokenError(
        `writing to the store failed (${(error as Error).message}): make room on the disk of the data directory where it is full, then restart the node`,
        { cause: error },
      )
      throw this.broken
    }
  }

  /** Changes all heads first, then tells: a listener never sees half a change. Listeners must not throw. */
  private moveHeads(moved: Partial<Heads>): void {
    this.heads = { ...this.heads, ...moved }
    for (const label of HEAD_LABELS) {
      const block = moved[label]
      if (block !== undefined) for (const listener of [...this.listeners[label]]) listener(block)
    }
  }

  private canonical(ref: { number: bigint; hash: Hex }): HashedBlock {
    const block = this.blocks.byNumber(ref.number)
    if (block?.hash === ref.hash) return block
    throw new CriticalError(
      `block ${ref.number} (${ref.hash}) is not on this chain, which holds ${block?.hash ?? 'nothing'} there`,
    )
  }

  private required(number: bigint): HashedBlock {
    const block = this.blocks.byNumber(number)
    if (block === undefined)
      throw new RangeError(`no block ${number}: the head is ${this.heads.unsafe.block.header.number}`)
    return block
  }
}
