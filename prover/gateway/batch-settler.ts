/**
 * Settles answered requests by batches (docs/protocol.md, "Batches"): gathers those of all channels, attributes them, and
 * writes the whole batch down before it is sent, so that a process that dies anywhere finds it again by its root.
 *
 *     open requests ── enough of them, or one waits long enough ──> attributed ──> batchPlanned on disk ──> settleBatch
 *     planned ── found on chain ──> batchCommitted, and the draw settler goes on
 *        └────── refused, too old ──> batchDropped: its requests are open again
 *
 * Whether an earlier life's transaction was taken, the chain knows: each round first looks for the roots of planned and of dropped
 * batches. An account's transactions go in order, so once a later batch is on chain, a dropped one that is not never will be.
 */
import { EventEmitter } from 'node:events'
import type { Hash, Hex } from 'viem'
import type { SettleVoucher } from '../../client/index.ts'
import { WorkerBusyError } from '../work/supervisor.ts'
import { type BookedRequest, leafOf } from './answer-book.ts'
import { type AttributionModules, attribute } from './attribution.ts'
import type { BookedBatch } from './batch-book.ts'
import { type BatchChain, ChainRefusal } from './batch-chain.ts'
import { BatchChoice } from './batch-choice.ts'
import { batchParts, batchTree, leafBytes, treeOf } from './batch-tree.ts'
import { Rounds } from './rounds.ts'

export type BatchSettlerOptions = {
  /** Whether new batches are made. Without it only those are finished that an earlier life has planned. */
  gather?: boolean
  /** Milliseconds between two looks for something to do. */
  interval?: number
  /** Requests of one batch. */
  size?: number
  /** Channels of one batch: each writes some slots, and all must fit into one transaction. */
  maxChannels?: number
  /** Milliseconds that a request waits for others, at most; less where a channel may be closed sooner. */
  longestWait?: number
}

const DEFAULTS = { gather: true, interval: 2_000, size: 1_000, maxChannels: 100, longestWait: 300_000 }
/** Times that a batch is sent without an answer that tells what became of it, before it is made smaller. */
const MAX_TRIES = 5
/** Milliseconds. */
const MAX_PAUSE = 300_000

export type BatchSettlerEvents = {
  committed: [{ batch: bigint; requests: readonly Hex[]; transaction: Hash }]
  dropped: [{ root: Hex; reason: string }]
  failed: [Error]
}

export type BatchModules = AttributionModules & { batches: BatchChain }

export class BatchSettler {
  readonly events = new EventEmitter<BatchSettlerEvents>()
  readonly choice: BatchChoice
  readonly #modules: BatchModules
  readonly #options: Required<BatchSettlerOptions>
  readonly #rounds: Rounds
  /** Smaller than the option's after a batch that the stake or a block could not carry. */
  #size: number
  /** Failures in a row, and the moment (performance.now) before which nothing is sent. */
  #tries = 0
  #resumeAt = 0

  constructor(modules: BatchModules, options: BatchSettlerOptions = {}) {
    this.#modules = modules
    this.#options = { ...DEFAULTS, ...options }
    this.#size = this.#options.size
    this.choice = new BatchChoice(modules, this.#options)
    const onFailure = (error: Error) => void this.events.emit('failed', error)
    this.#rounds = new Rounds({ round: () => this.#round(), onFailure }, this.#options)
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
    await this.#adopt()
    if (performance.now() < this.#resumeAt) return
    const planned = this.#modules.book.batches().find(({ status }) => status === 'planned')
    if (planned) return this.#send(planned)
    if (!this.#options.gather) return
    const plan = await this.#plan()
    if (plan) await this.#send(plan)
  }

  /** Finds on chain what was planned. */
  async #adopt(): Promise<void> {
    const { book, batches } = this.#modules
    const unknown = book.batches().filter(({ status }) => status !== 'committed')
    if (unknown.length === 0) return
    const from = unknown.reduce((least, batch) => (batch.from < least ? batch.from : least), unknown[0]!.from)
    for (const { batch, root, transaction } of await batches.committedSince(from)) {
      const found = unknown.find((each) => each.root === root)
      if (!found) continue
      await book.record({ type: 'batchCommitted', root, batch, transaction })
      this.events.emit('committed', { batch, requests: found.requests, transaction })
    }
  }

  async #isDue(channels: readonly BookedRequest[][]): Promise<boolean> {
    const waiting = channels.flat()
    if (waiting.length === 0) return false
    if (waiting.length >= this.#size) return true
    const closeDelay = Number(await this.#modules.batches.channelCloseDelay()) * 1_000
    const longestWait = Math.min(this.#options.longestWait, closeDelay / 2)
    return waiting.some((request) => this.choice.age(request) >= longestWait)
  }

  /** Gathers a batch and writes it down; undefined where there is none to make. */
  async #plan(): Promise<BookedBatch | undefined> {
    const { book, chain } = this.#modules
    if (!(await this.#isDue(this.choice.batchable()))) return undefined
    const chosen = await this.#choose()
    if (chosen.length === 0) return undefined
    const { number: from } = await chain.head()
    const attributed = await this.#attributeAll(chosen)
    if (attributed.length === 0) return undefined
    const tree = batchTree(attributed.map(leafOf))
    await book.record({ type: 'batchPlanned', root: tree.root, from, leaves: leafBytes(tree) })
    return book.batches().find(({ root }) => root === tree.root)
  }

  /** Requests of as many channels as fit, each from its lowest number on without a gap. */
  async #choose(): Promise<BookedRequest[]> {
    const chosen: BookedRequest[] = []
    let channels = 0
    for (const own of this.choice.batchable()) {
      if (channels === this.#options.maxChannels || chosen.length >= this.#size) break
      const taken = own.slice(0, this.#size - chosen.length)
      if (await this.#carries(taken)) {
        chosen.push(...taken)
        channels++
      } else this.choice.setAside(own[0]!.receipt.channel)
    }
    return chosen
  }

  /** Whether channel and versions are such that the chain takes the requests, and their leaves if they are drawn. */
  async #carries(requests: readonly BookedRequest[]): Promise<boolean> {
    const { book, chain } = this.#modules
    const { channel: id } = requests[0]!.receipt
    const channel = await chain.channel(id)
    if (!channel || channel.closed || channel.closingAt !== 0n) return false
    const spent = requests.reduce((total, { receipt }) => total + receipt.fee, channel.settled)
    if (spent > channel.deposit || spent > (book.voucherOf(id)?.maxClaimableAmount ?? 0n)) return false
    const versions = new Set(requests.map(({ receipt }) => receipt.version))
    const live = await Promise.all([...versions].map((version) => chain.isLive(version)))
    return live.every(Boolean)
  }

  /** Attributes as of now. A channel of which a request fails is left out. */
  async #attributeAll(requests: readonly BookedRequest[]): Promise<BookedRequest[]> {
    const { chain } = this.#modules
    const [{ number }, { maxLeafAge }] = await Promise.all([chain.head(), chain.rules()])
    const failed = new Set<Hex>()
    for (const request of requests) {
      const { attribution, receipt } = request
      if (failed.has(receipt.channel) || (attribution && number - attribution.asOf < maxLeafAge / 2n)) continue
      try {
        await attribute(this.#modules, request)
      } catch (error) {
        // Busy with answers: what is attributed already is there in the next round.
        if (error instanceof WorkerBusyError) return []
        failed.add(receipt.channel)
        this.choice.setAside(receipt.channel)
        this.events.emit('failed', new Error(`request ${request.request} was not attributed`, { cause: error }))
      }
    }
    return requests.filter(({ receipt }) => !failed.has(receipt.channel))
  }

  async #send(plan: BookedBatch): Promise<void> {
    const { book, batches, chain } = this.#modules
    const [{ number }, { maxLeafAge }] = await Promise.all([chain.head(), chain.rules()])
    if (number - plan.asOf > (maxLeafAge * 3n) / 4n) return this.#drop(plan, 'its leaves have become too old')
    const tree = treeOf(await book.batchLeaves(plan))
    const vouchers = [...plan.last.keys()]
      .map((channel) => book.voucherOf(channel))
      .filter((voucher): voucher is SettleVoucher => voucher !== undefined)
    const { root, leaves } = tree
    try {
      await batches.settleBatch({ root, leaves: leaves.length, parts: batchParts(tree), vouchers })
    } catch (error) {
      return this.#notTaken(plan, error)
    }
    this.#tries = 0
    this.#size = Math.min(2 * this.#size, this.#options.size)
    await this.#adopt()
    const { status } = plan
    for (const { root, status: its, from } of book.batches())
      if (status === 'committed' && its === 'dropped' && from <= plan.from)
        await book.record({ type: 'batchOver', root, forfeited: 0 })
  }

  async #notTaken(plan: BookedBatch, error: unknown): Promise<void> {
    this.#pause()
    await this.#adopt()
    // What was refused is a second transaction of a batch that is there.
    if (plan.status === 'committed') return
    if (!(error instanceof ChainRefusal)) {
      if (this.#tries < MAX_TRIES) throw error
      this.#halve()
      await this.#drop(plan, `was not taken ${this.#tries} times`)
      throw error
    }
    if (error.errorName === 'StakeTooSmall') this.#halve()
    if (error.errorName === 'ChannelRefused' && error.channel) {
      this.choice.setAside(error.channel)
      // The others wait for nothing.
      this.#resumeAt = 0
    }
    await this.#drop(plan, error.message)
  }

  async #drop({ root }: BookedBatch, reason: string): Promise<void> {
    await this.#modules.book.record({ type: 'batchDropped', root, reason })
    this.events.emit('dropped', { root, reason })
  }

  #halve(): void {
    this.#size = Math.max(1, this.#size >> 1)
  }

  #pause(): void {
    this.#tries++
    this.#resumeAt = performance.now() + Math.min(this.#options.interval * 2 ** this.#tries, MAX_PAUSE)
  }
}
