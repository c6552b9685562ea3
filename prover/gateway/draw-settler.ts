/**
 * Settles what was drawn of this prover's batches (docs/protocol.md, "Batches"): waits for the draw, shows each drawn leaf with
 * all draws that hit it, and says loudly what cannot be settled, because at the deadline its stake is slashed. What is
 * settled already the chain tells, so a process that dies anywhere goes on.
 */
import { EventEmitter } from 'node:events'
import type { Hash, Hex } from 'viem'
import { openDraws } from '../../protocol/sum-tree.ts'
import type { BookedBatch } from './batch-book.ts'
import type { BatchState } from './batch-chain.ts'
import type { BatchModules } from './batch-settler.ts'
import { type BatchTree, batchProof, drawnLeaves, treeOf } from './batch-tree.ts'
import { Retries } from './retries.ts'
import { Rounds } from './rounds.ts'
import { reasonName } from './settler.ts'

export type DrawSettlerOptions = {
  /** Milliseconds between two looks for draws. */
  interval?: number
  /** Milliseconds of the longest wait before a leaf that failed is tried again. */
  maxRetryWait?: number
}

const DEFAULTS = { interval: 2_000, maxRetryWait: 60_000 }

export type DrawSettlerEvents = {
  settled: [{ batch: bigint; request: Hex; draws: readonly number[]; transaction: Hash }]
  /** A drawn leaf that the chain did not take. It is tried until the deadline, in seconds since 1970. */
  refused: [{ batch: bigint; request: Hex; draws: readonly number[]; wei: bigint; deadline: bigint; reason: string }]
  /** Draws that were not settled in time: their wei is lost and stake is slashed. */
  lost: [{ batch: bigint; draws: number; wei: bigint }]
  failed: [Error]
}

/** A batch on chain with draws that are open. */
type Drawn = { batch: bigint; booked: BookedBatch; state: BatchState; tree: BatchTree }

export class DrawSettler {
  readonly events = new EventEmitter<DrawSettlerEvents>()
  readonly #modules: BatchModules
  readonly #rounds: Rounds
  /** Drawn leaves that failed. */
  readonly #retries: Retries

  constructor(modules: BatchModules, options: DrawSettlerOptions = {}) {
    this.#modules = modules
    const settings = { ...DEFAULTS, ...options }
    this.#retries = new Retries(settings)
    const onFailure = (error: Error) => void this.events.emit('failed', error)
    this.#rounds = new Rounds({ round: () => this.#round(), onFailure }, settings)
  }

  start(): void {
    this.#rounds.start()
  }

  /** After the round under way. */
  stop(): Promise<void> {
    return this.#rounds.stop()
  }

  /** What `start` does at every interval, now. */
  settleAll(): Promise<void> {
    return this.#rounds.now()
  }

  async #round(): Promise<void> {
    const committed = this.#modules.book.batches().filter(({ status }) => status === 'committed')
    const outcomes = await Promise.allSettled(committed.map((batch) => this.#settleBatch(batch)))
    for (const outcome of outcomes) if (outcome.status === 'rejected') this.events.emit('failed', outcome.reason)
  }

  async #settleBatch(booked: BookedBatch): Promise<void> {
    const { book, batches, chain } = this.#modules
    const { root } = booked
    const { batch } = booked.committed!
    const state = await batches.batch(batch)
    // Its block was taken back; should it come again, it is found again.
    if (state.root !== root) return book.record({ type: 'batchDropped', root, reason: 'it is no longer on chain' })
    if (state.open === 0n) return this.#over(booked, 0)
    const open = openDraws(state.open)
    const { timestamp } = await chain.head()
    if (timestamp >= state.deadline) {
      this.events.emit('lost', { batch, draws: open.length, wei: BigInt(open.length) * state.perDraw })
      return this.#over(booked, open.length)
    }
    const positions = await this.#positions(batch, open)
    if (!positions) return
    const tree = treeOf(await book.batchLeaves(booked))
    const drawn = [...drawnLeaves(tree, positions)]
    // All at once: the deadline may be few blocks away, and none waits for another.
    await Promise.all(drawn.map(([index, draws]) => this.#settleLeaf({ batch, booked, state, tree }, index, draws)))
    const { open: left } = await batches.batch(batch)
    if (left === 0n) await this.#over(booked, 0)
  }

  /** Undefined while L1 has not drawn. */
  async #positions(batch: bigint, draws: readonly number[]): Promise<Map<number, bigint> | undefined> {
    const positions = new Map<number, bigint>()
    for (const draw of draws) {
      const position = await this.#modules.batches.position(batch, draw)
      if (position === undefined) return undefined
      positions.set(draw, position)
    }
    return positions
  }

  async #settleLeaf({ batch, booked, state, tree }: Drawn, index: number, draws: readonly number[]): Promise<void> {
    const { batches, book } = this.#modules
    const request = booked.requests[index]!
    if (!this.#retries.isDue(request)) return
    try {
      const leaf = tree.leaves[index]!
      const proof = batchProof(tree, index)
      const { transaction, skipped } = await batches.settleDraws({ batch, draws, leaf, index, proof })
      // A void draw, too: the channel was charged, and there is nothing more to be had.
      await book.record({ type: 'settled', request, transaction })
      this.#retries.forget(request)
      if (skipped === undefined) this.events.emit('settled', { batch, request, draws, transaction })
      else this.#tellRefused({ batch, request, draws, state }, `void: ${reasonName(skipped)}`)
    } catch (error) {
      this.#retries.later(request)
      this.#tellRefused({ batch, request, draws, state }, error instanceof Error ? error.message : String(error))
    }
  }

  #tellRefused(
    { batch, request, draws, state }: { batch: bigint; request: Hex; draws: readonly number[]; state: BatchState },
    reason: string,
  ): void {
    const wei = BigInt(draws.length) * state.perDraw
    this.events.emit('refused', { batch, request, draws, wei, deadline: state.deadline, reason })
  }

  async #over({ root, requests }: BookedBatch, forfeited: number): Promise<void> {
    for (const request of requests) this.#retries.forget(request)
    await this.#modules.book.record({ type: 'batchOver', root, forfeited })
  }
}
