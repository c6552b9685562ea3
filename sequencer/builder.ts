/**
 * The sequencer: one block every block time, on the unsafe head, from L1's deposits and the pool. When it is behind
 * (after a restart) it builds without pause until it has caught up. Where L1 does not allow a block (unreachable,
 * reorganized, drifted too far) it stalls, says why, and tries again; the follower repairs the chain.
 */
import type { ChainConfig, SystemConfig } from '../genesis/chain-config.ts'
import { type Clock, systemClock } from '../node/chain/clock.ts'
import type { HeadLabel, SyncStatus } from '../node/chain/reads.ts'
import { prepareAttributes } from '../node/derivation/attributes.ts'
import { NodeError } from '../node/errors.ts'
import type { HashedBlock, L2BlockRef, PayloadAttributes } from '../node/execution/block.ts'
import type { TransactionSource } from '../node/execution/execute-block.ts'
import type { L1Source } from '../node/l1/source.ts'
import { chooseOrigin } from './origin-selection.ts'
import { type DataLimits, limitedSource } from './throttle.ts'

/** What the sequencer asks of node/chain's Chain. */
export type BuildingChain = {
  headRef(label: HeadLabel): L2BlockRef
  syncStatus(): Promise<Pick<SyncStatus, 'currentL1' | 'headL1'>>
  systemConfigOf(number: bigint): Promise<SystemConfig>
  build(
    parent: { hash: L2BlockRef['hash'] },
    attributes: PayloadAttributes,
    source?: TransactionSource,
  ): Promise<HashedBlock>
}

export type SequencerModules = {
  config: ChainConfig
  chain: BuildingChain
  l1: L1Source
  pool: { source(): TransactionSource }
  clock?: Clock
  /** What a block and its transactions may bring while data waits for L1 (the batcher's); none where absent. */
  dataLimits?: () => DataLimits | undefined
  /** Called with every block after it was stored: for the network to publish. Must not throw. */
  onBlock?: (block: HashedBlock) => void
}

export type SequencerOptions = {
  /** L1 blocks that must lie above an origin before it is adopted. Default 4. */
  confirmationDepth?: number
  /** Stall once the unsafe head is so many blocks ahead of the safe head (the batcher is stuck). No limit where absent. */
  maxSafeLag?: bigint
}

export type SequencerEvent =
  | { kind: 'built'; block: HashedBlock }
  /** No block can be built now; said once for each reason. */
  | { kind: 'stalled'; reason: string }
  /** Stopped by an error that no retry mends. */
  | { kind: 'failed'; error: Error }

export type SequencerStatus = { running: boolean; stalled: string | undefined }

/** Milliseconds before another try where no block could be built. */
const RETRY_DELAY = 250

export class Sequencer {
  private readonly modules: SequencerModules
  private readonly clock: Clock
  private readonly confirmationDepth: number
  private readonly maxSafeLag: bigint | undefined
  private readonly listeners = new Set<(event: SequencerEvent) => void>()
  private stalled: string | undefined
  /** The follower has read L1 to its end once: until then L1 may hold blocks that ours would contradict. */
  private synced = false
  private failed = false
  private running: { stop: AbortController; done: Promise<void> } | undefined

  constructor(modules: SequencerModules, options: SequencerOptions = {}) {
    this.modules = modules
    this.clock = modules.clock ?? systemClock
    this.confirmationDepth = options.confirmationDepth ?? 4
    this.maxSafeLag = options.maxSafeLag
  }

  start(): void {
    if (this.running !== undefined) return
    const stop = new AbortController()
    this.failed = false
    this.running = { stop, done: this.run(stop.signal) }
  }

  /** Resolves when the block under way is finished and nothing runs any more. */
  async stop(): Promise<void> {
    this.running?.stop.abort()
    await this.running?.done
    this.running = undefined
  }

  status(): SequencerStatus {
    return { running: this.running !== undefined && !this.failed, stalled: this.stalled }
  }

  /** Listeners are called synchronously and must not throw; returns the unsubscribe function. */
  onEvent(listener: (event: SequencerEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due = this.dueTime()
      if (due > this.clock.now()) {
        await this.clock.wait(due - this.clock.now(), signal)
        continue
      }
      try {
        const reason = await this.buildNext()
        if (reason === undefined) continue
        this.stall(reason)
      } catch (error) {
        if (!(error instanceof NodeError) || error.severity === 'critical') return this.fail(error as Error)
        this.stall(error.message)
      }
      await this.clock.wait(RETRY_DELAY, signal)
    }
  }

  /** When the block after the head is to be built: at its own timestamp. Milliseconds since 1970. */
  private dueTime(): number {
    const { chain, config } = this.modules
    return (Number(chain.headRef('unsafe').timestamp) + config.blockTime) * 1000
  }

  /** Builds one block on the unsafe head; a reason where L1 does not allow one now. */
  private async buildNext(): Promise<string | undefined> {
    const { config, chain, l1, pool } = this.modules
    this.synced ||= hasReadL1(await chain.syncStatus())
    if (!this.synced) return 'L1 has not been read to its end yet'
    const parent = chain.headRef('unsafe')
    const lag = parent.number - chain.headRef('safe').number
    if (this.maxSafeLag !== undefined && lag >= this.maxSafeLag) {
      return `the safe head is ${lag} blocks behind (limit ${this.maxSafeLag}): see the batcher`
    }
    const choice = await chooseOrigin({ config, l1 }, parent, { confirmationDepth: this.confirmationDepth })
    if (choice.kind === 'stall') return choice.reason
    const systemConfig = await chain.systemConfigOf(parent.number)
    const attributes = await prepareAttributes({ config, l1 }, parent, systemConfig, choice.origin)
    const block = await chain.build(
      parent,
      { ...attributes, noTxPool: choice.empty },
      choice.empty ? undefined : limitedSource(pool.source(), this.modules.dataLimits?.()),
    )
    this.stalled = undefined
    this.modules.onBlock?.(block)
    this.emit({ kind: 'built', block })
    return undefined
  }

  private stall(reason: string): void {
    if (this.stalled === reason) return
    this.stalled = reason
    this.emit({ kind: 'stalled', reason })
  }

  private fail(error: Error): void {
    this.failed = true
    this.stalled = error.message
    this.emit({ kind: 'failed', error })
  }

  private emit(event: SequencerEvent): void {
    for (const listener of [...this.listeners]) listener(event)
  }
}

function hasReadL1({ currentL1, headL1 }: Pick<SyncStatus, 'currentL1' | 'headL1'>): boolean {
  return currentL1 !== undefined && headL1 !== undefined && currentL1.number >= headL1.number
}
