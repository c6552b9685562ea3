/**
 * Follows L1: runs derivation, hands what it finds to the chain, keeps the safe and finalized heads. Temporary errors
 * wait and go on; a reset (L1 was reorganized, or came back shorter) takes the chain back to what L1 still knows and
 * starts derivation over; anything else stops the follower with an event, for an operator to look at.
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { DerivationPipeline } from '../derivation/pipeline.ts'
import { CriticalError, NodeError, ResetError, TemporaryError } from '../errors.ts'
import type { HashedBlock } from '../execution/block.ts'
import type { L1BlockRef, L1Source } from '../l1/source.ts'
import type { Chain, SafeOutcome } from './chain.ts'
import { type Clock, systemClock } from './clock.ts'
import { commonHeads, isCanonical } from './common-heads.ts'

export type FollowerModules = { config: ChainConfig; chain: Chain; l1: L1Source }

export type FollowerOptions = {
  /** Milliseconds between looks at L1 once everything has been read. Default 1000. */
  pollInterval?: number
  clock?: Clock
}

export type FollowerEvent =
  | {
      kind: 'safe'
      block: HashedBlock
      outcome: SafeOutcome['outcome']
      depositsOnly: boolean
      derivedFrom: L1BlockRef
    }
  | { kind: 'finalized'; number: bigint }
  | { kind: 'reset'; reason: string; unsafe: bigint; safe: bigint }
  /** Derivation refused data of L1: anybody may write there, so this is no fault of ours. */
  | { kind: 'dropped'; stage: string; reason: string }
  /** A temporary error; the next try comes after `delay` milliseconds. */
  | { kind: 'waiting'; reason: string; delay: number }
  /** All of L1 has been read. */
  | { kind: 'idle'; headL1: L1BlockRef }
  /** The follower has stopped by itself. */
  | { kind: 'failed'; error: Error }

export type FollowerStatus = {
  currentL1: L1BlockRef | undefined
  headL1: L1BlockRef | undefined
  /** What it waits for, or why it stopped; undefined while all is well. */
  trouble: string | undefined
}

const FIRST_DELAY = 250
const LONGEST_DELAY = 15_000
/** Looks at a shorter L1 before it counts as reorganized. */
const SHORTER_LOOKS = 3
/** Steps of derivation between two looks at L1's head and finality. */
const STEPS_PER_TURN = 256

export class L1Follower {
  private readonly modules: FollowerModules
  private readonly clock: Clock
  private readonly pollInterval: number
  private readonly pipeline: DerivationPipeline
  private readonly listeners = new Set<(event: FollowerEvent) => void>()
  private headL1: L1BlockRef | undefined
  private safeL1: L1BlockRef | undefined
  private finalizedL1: L1BlockRef | undefined
  private currentL1: L1BlockRef | undefined
  /** Why derivation must start over; undefined while it stands on the safe head. */
  private resetReason: string | undefined = 'start'
  /** Temporary errors, and resets, since all was well. */
  private failures = 0
  private resets = 0
  private shorterLooks = 0
  private trouble: string | undefined
  private running: { stop: AbortController; done: Promise<void> } | undefined

  constructor(modules: FollowerModules, options: FollowerOptions = {}) {
    this.modules = modules
    this.clock = options.clock ?? systemClock
    this.pollInterval = options.pollInterval ?? 1000
    const { config, chain, l1 } = modules
    const onDropped = (stage: string, reason: string): void => this.emit({ kind: 'dropped', stage, reason })
    const recoverSenders = (transactions: readonly Uint8Array[]) => chain.recoverDerived(transactions)
    this.pipeline = new DerivationPipeline({ config, l1, l2: chain, recoverSenders }, { onDropped })
  }

  start(): void {
    if (this.running !== undefined) return
    const stop = new AbortController()
    this.running = { stop, done: this.run(stop.signal) }
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.running?.stop.abort()
    await this.running?.done
    this.running = undefined
  }

  /** Listeners are called synchronously and must not throw; returns the unsubscribe function. */
  onEvent(listener: (event: FollowerEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  status(): FollowerStatus {
    return { currentL1: this.currentL1, headL1: this.headL1, trouble: this.trouble }
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.resetReason !== undefined) await this.reset(this.resetReason)
        const idle = await this.turn(signal)
        this.failures = 0
        this.resets = 0
        this.trouble = undefined
        if (idle) await this.clock.wait(this.pollInterval, signal)
      } catch (error) {
        const delay = this.react(error as Error)
        if (delay === undefined) return
        if (delay > 0) await this.clock.wait(delay, signal)
      }
    }
  }

  /** Milliseconds to wait before going on; undefined to stop. */
  private react(error: Error): number | undefined {
    this.trouble = error.message
    const severity = error instanceof NodeError ? error.severity : 'critical'
    if (severity === 'critical') {
      this.emit({ kind: 'failed', error })
      return undefined
    }
    if (severity === 'reset') {
      this.resetReason = error.message
      // One that follows on the heels of another needs a pause.
      return this.resets++ === 0 ? 0 : this.backoff(this.resets)
    }
    this.failures++
    const delay = this.backoff(this.failures)
    this.emit({ kind: 'waiting', reason: error.message, delay })
    return delay
  }

  private backoff(attempts: number): number {
    return Math.min(FIRST_DELAY * 2 ** (attempts - 1), LONGEST_DELAY)
  }

  /** Everything that L1 has to say now, or a part of it; true once all has been read. */
  private async turn(signal: AbortSignal): Promise<boolean> {
    const headL1 = await this.lookAtHead()
    const { chain } = this.modules
    for (let step = 0; step < STEPS_PER_TURN && !signal.aborted; step++) {
      const found = await this.pipeline.step(chain.headRef('safe'))
      this.currentL1 = this.pipeline.origin
      this.noteL1()
      if (found.kind === 'idle') {
        await this.updateFinalized()
        this.emit({ kind: 'idle', headL1 })
        return true
      }
      if (found.kind === 'advanced') continue
      const { derivedFrom } = found.derived
      const made = await chain.deriveSafe(found.derived)
      if (made.depositsOnly) this.pipeline.dropChannel()
      this.emit({ kind: 'safe', ...made, derivedFrom })
    }
    await this.updateFinalized()
    return false
  }

  /**
   * Throws ResetError where L1 no longer holds the head that was seen last: another branch, or shorter. Shorter it must
   * be several times in a row, since an endpoint that fell behind its peers looks the same.
   */
  private async lookAtHead(): Promise<L1BlockRef> {
    const { l1 } = this.modules
    const latest = await l1.blockByTag('latest')
    if (latest === undefined) throw new TemporaryError('L1 has no latest block')
    const last = this.headL1
    if (last !== undefined && latest.number < last.number && ++this.shorterLooks < SHORTER_LOOKS) {
      throw new TemporaryError(`L1's head went back from block ${last.number} to ${latest.number}`)
    }
    this.shorterLooks = 0
    this.headL1 = latest
    if (last === undefined || last.hash === latest.hash) return latest
    if (latest.number > last.number && (await isCanonical(l1, last))) return latest
    throw new ResetError(
      `L1 was reorganized: its head is block ${latest.number} (${latest.hash}), and ${last.number} (${last.hash}) is gone`,
    )
  }

  private noteL1(): void {
    const { currentL1, safeL1, finalizedL1 } = this
    // Derivation may read a block that came after the last look at the head.
    const isAhead = currentL1 !== undefined && this.headL1 !== undefined && currentL1.number > this.headL1.number
    const headL1 = isAhead ? currentL1 : this.headL1
    this.modules.chain.noteL1({ currentL1, headL1, safeL1, finalizedL1 })
  }

  /** A safe block is final once the L1 block that concluded it is. */
  private async updateFinalized(): Promise<void> {
    const { chain, l1 } = this.modules
    this.safeL1 = await l1.blockByTag('safe')
    const finalized = await l1.blockByTag('finalized')
    this.noteL1()
    if (finalized === undefined || finalized.hash === this.finalizedL1?.hash) return
    for await (const entry of chain.safeHeadsUpTo(finalized.number)) {
      if (!(await isCanonical(l1, entry.l1))) {
        throw new ResetError(
          `L1 no longer holds block ${entry.l1.number} (${entry.l1.hash}), which made L2 blocks safe`,
        )
      }
      if (entry.l2.number > chain.headRef('finalized').number) {
        await chain.setHead('finalized', entry.l2)
        this.emit({ kind: 'finalized', number: entry.l2.number })
      }
      break
    }
    this.finalizedL1 = finalized
    this.noteL1()
  }

  /** Takes the chain back to what L1 still knows (nothing, where all is known), and derivation to the safe head. */
  private async reset(reason: string): Promise<void> {
    const { config, chain } = this.modules
    const common = await commonHeads(this.modules)
    const finalized = chain.headRef('finalized').number
    if (common.safe.number < finalized) {
      if (config.network === 'production') {
        throw new CriticalError(
          `L1 reorganized finalized blocks: L2 block ${finalized} was final, only ${common.safe.number} is still on L1`,
        )
      }
      await chain.setHead('finalized', common.safe)
    }
    await chain.setHead('safe', common.safe)
    if (common.unsafe !== undefined) await chain.resetTo(common.unsafe)
    await this.pipeline.reset(chain.headRef('safe'))
    this.resetReason = undefined
    this.finalizedL1 = undefined
    this.currentL1 = this.pipeline.origin
    this.emit({ kind: 'reset', reason, unsafe: chain.headRef('unsafe').number, safe: common.safe.number })
  }

  private emit(event: FollowerEvent): void {
    for (const listener of [...this.listeners]) listener(event)
  }
}
