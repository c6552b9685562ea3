/**
 * Publishes L2 blocks on L1: the blocks after the safe head, in order, as singular batches in channels, one channel
 * after the other (Holocene wants strict order), one frame a blob.
 *
 * It keeps no file. What it has published and L1 has not yet made safe is the list `inFlight`; publishing goes on after
 * its end, or after the safe head where it is empty. The list is thrown away, and publishing starts again at the safe
 * head, whenever what was published did not become safe although L1 has been read past it, or L2 reorganized. To
 * publish a block twice costs fees and nothing else: derivation takes the second batch for one of the past.
 */
import type { Hex, TransactionReceipt } from 'viem'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { type Clock, systemClock } from '../node/chain/clock.ts'
import type { ChainReads } from '../node/chain/reads.ts'
import { batchOfBlock } from '../node/derivation/batch.ts'
import { l2BlockRef } from '../node/derivation/block-ref.ts'
import { type Compression, channelItem } from '../node/derivation/channel.ts'
import { NodeError } from '../node/errors.ts'
import type { HashedBlock } from '../node/execution/block.ts'
import { blobSidecar, type SidecarForm } from './blob-transaction.ts'
import { type BuiltChannel, buildChannel } from './channel-builder.ts'
import { L1Wallet, type L1WalletOptions } from './l1-wallet.ts'

export type BatcherModules = {
  config: ChainConfig
  chain: Pick<ChainReads, 'head' | 'blockByNumber' | 'syncStatus'>
  clock?: Clock
}

export type BatcherOptions = Omit<L1WalletOptions, 'l1ChainId' | 'clock'> & {
  /** Blobs in one transaction. Default 6, what Prague aims at in a block. */
  maxBlobs?: number
  /** Milliseconds that a block waits for others to share its channel. Default 60,000; 2,000 on a development network. */
  maxChannelDuration?: number
  /** Default 'brotli'. */
  compression?: Compression
  /** Default '7594', which Ethereum wants since Osaka; '4844', which is quicker, on a development network. */
  sidecar?: SidecarForm
  /** Channels that may wait to become safe; more blocks wait in the chain. Default 8. */
  maxInFlight?: number
}

export type BatcherEvent =
  | {
      kind: 'published'
      from: bigint
      to: bigint
      channel: Hex
      transactions: Hex[]
      l1Block: bigint
      blobs: number
      bytes: number
    }
  /** What was published counts for nothing any more; publishing starts again after the safe head. */
  | { kind: 'rewound'; reason: string; safe: bigint }
  /** What keeps blocks from being published now. */
  | { kind: 'waiting'; reason: string }
  /** The batcher has stopped by itself. */
  | { kind: 'failed'; error: Error }

type Published = { to: bigint; hash: Hex; l1Block: bigint }

/** L1 blocks that the follower may read past a batch before the batch counts as lost. */
const SAFE_SLACK = 2n
/** Uncompressed bytes that fill a blob, taken for three times its size; where they compress worse, fewer blocks go. */
const RAW_BYTES_PER_BLOB = 390_000
const MAX_BLOCKS = 2_000
/** Milliseconds of pause after an error. */
const RETRY_DELAY = 2_000
const LONGEST_DELAY = 300_000

export class Batcher {
  readonly #modules: BatcherModules
  readonly #clock: Clock
  readonly #wallet: L1Wallet
  readonly #options: {
    maxBlobs: number
    maxChannelDuration: number
    compression: Compression
    sidecar: SidecarForm
    maxInFlight: number
  }
  readonly #pollInterval: number
  readonly #listeners = new Set<(event: BatcherEvent) => void>()
  #inFlight: Published[] = []
  /** L1 must have been read to here before the first batch, so that those of an earlier life are known. */
  #readUpTo: bigint | undefined
  /** Times that publishing started again since something became safe. */
  #fruitless = 0
  #reason: string | undefined
  #running: { stop: AbortController; done: Promise<void> } | undefined

  constructor(modules: BatcherModules, options: BatcherOptions) {
    const { config, clock = systemClock } = modules
    const isDevelopment = config.network === 'development'
    this.#modules = modules
    this.#clock = clock
    this.#pollInterval = options.pollInterval ?? (isDevelopment ? 250 : 2_000)
    this.#wallet = new L1Wallet({
      l1Rpc: options.l1Rpc,
      privateKey: options.privateKey,
      l1ChainId: config.l1ChainId,
      pollInterval: this.#pollInterval,
      resubmitAfter: options.resubmitAfter ?? (isDevelopment ? 12_000 : undefined),
      maxFee: options.maxFee,
      clock,
    })
    this.#options = {
      maxBlobs: options.maxBlobs ?? 6,
      maxChannelDuration: options.maxChannelDuration ?? (isDevelopment ? 2_000 : 60_000),
      compression: options.compression ?? 'brotli',
      sidecar: options.sidecar ?? (isDevelopment ? '4844' : '7594'),
      maxInFlight: options.maxInFlight ?? 8,
    }
  }

  start(): void {
    if (this.#running !== undefined) return
    const stop = new AbortController()
    this.#running = { stop, done: this.#run(stop.signal) }
  }

  /** Resolves when nothing of it runs any more; a transaction that was sent may still be mined. */
  async stop(): Promise<void> {
    this.#running?.stop.abort()
    await this.#running?.done
    this.#running = undefined
  }

  /** Listeners are called synchronously and must not throw; returns the unsubscribe function. */
  onEvent(listener: (event: BatcherEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#inFlight = []
    this.#readUpTo = undefined
    while (!signal.aborted) {
      try {
        const outcome = await this.#turn(signal)
        if (outcome === 'published') continue
        if (outcome !== 'idle') this.#wait(outcome.blockedBy)
        await this.#clock.wait(this.#pollInterval, signal)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof NodeError) || error.severity === 'critical')
          return this.#emit({ kind: 'failed', error: error as Error })
        this.#wait(error.message)
        await this.#clock.wait(RETRY_DELAY, signal)
      }
    }
  }

  /** Publishes one channel, unless there is none to publish yet, or something stands in the way. */
  async #turn(signal: AbortSignal): Promise<'published' | 'idle' | { blockedBy: string }> {
    const unread = await this.#unreadL1()
    if (unread !== undefined) return { blockedBy: unread }
    const lost = await this.#settle()
    if (lost !== undefined) await this.#rewind(lost, signal)
    if (this.#inFlight.length >= this.#options.maxInFlight)
      return { blockedBy: `${this.#inFlight.length} channels wait to become safe` }
    const { blocks, isFull } = await this.#pendingBlocks()
    const first = blocks[0]
    if (first === undefined) return 'idle'
    const expired = await this.#expired(first)
    if (expired !== undefined) return { blockedBy: expired }
    const age = this.#clock.now() - Number(first.block.header.timestamp) * 1000
    const { maxBlobs, compression, maxChannelDuration } = this.#options
    if (!isFull && age < maxChannelDuration) return 'idle'
    await this.#publish(await buildChannel(this.#modules.config, blocks, { maxBlobs, compression }), signal)
    return 'published'
  }

  /** After a start: until L1 has been read to where it stood then, the safe head may be behind what is published. */
  async #unreadL1(): Promise<string | undefined> {
    this.#readUpTo ??= await this.#wallet.head()
    const { currentL1 } = await this.#modules.chain.syncStatus()
    if (currentL1 !== undefined && currentL1.number >= this.#readUpTo) return undefined
    return `L1 is being read up to block ${this.#readUpTo}`
  }

  /** Takes what became safe off the list; says why where the rest of it cannot become safe any more. */
  async #settle(): Promise<string | undefined> {
    const { chain } = this.#modules
    const safe = chain.head('safe').block.header.number
    const { currentL1 } = await chain.syncStatus()
    for (const published of this.#inFlight) {
      const block = await chain.blockByNumber(published.to)
      if (block?.hash !== published.hash) return `L2 block ${published.to} is no longer ${published.hash}`
      const isPassed = currentL1 !== undefined && currentL1.number > published.l1Block + SAFE_SLACK
      if (isPassed && published.to > safe)
        return `L1 was read past block ${published.l1Block}, and L2 block ${published.to} is not safe`
    }
    const waiting = this.#inFlight.filter((published) => published.to > safe)
    if (waiting.length < this.#inFlight.length) this.#fruitless = 0
    this.#inFlight = waiting
    return undefined
  }

  /** Pauses longer each time that nothing became safe in between: a batcher whose batches are dead must not go on paying. */
  async #rewind(reason: string, signal: AbortSignal): Promise<void> {
    this.#inFlight = []
    this.#emit({ kind: 'rewound', reason, safe: this.#modules.chain.head('safe').block.header.number })
    const delay = this.#fruitless === 0 ? 0 : Math.min(RETRY_DELAY * 2 ** this.#fruitless, LONGEST_DELAY)
    this.#fruitless++
    await this.#clock.wait(delay, signal)
  }

  /** Blocks after what is published, each on the one before, and whether they are enough to fill a channel. */
  async #pendingBlocks(): Promise<{ blocks: HashedBlock[]; isFull: boolean }> {
    const { chain, config } = this.#modules
    const safe = chain.head('safe')
    const last = this.#inFlight.at(-1) ?? { to: safe.block.header.number, hash: safe.hash }
    const unsafe = chain.head('unsafe').block.header.number
    const blocks: HashedBlock[] = []
    let parent = last.hash
    let bytes = 0
    for (let number = last.to + 1n; number <= unsafe; number++) {
      const block = await chain.blockByNumber(number)
      // The chain was reorganized since the heads were read: the next turn sees it whole.
      if (block === undefined || block.block.header.parentHash !== parent) break
      bytes += channelItem(batchOfBlock(config, block)).length
      blocks.push(block)
      parent = block.hash
      if (bytes >= this.#options.maxBlobs * RAW_BYTES_PER_BLOB || blocks.length === MAX_BLOCKS)
        return { blocks, isFull: true }
    }
    return { blocks, isFull: false }
  }

  /** A batch whose window has passed is dead on arrival; the chain will derive empty blocks and reorganize. */
  async #expired(first: HashedBlock): Promise<string | undefined> {
    const { config } = this.#modules
    const { l1Origin, number } = l2BlockRef(config, first)
    const l1Head = await this.#wallet.head()
    if (l1Origin.number + BigInt(config.seqWindowSize) > l1Head) return undefined
    return `the sequencing window of L2 block ${number} ended at L1 block ${l1Origin.number + BigInt(config.seqWindowSize)}`
  }

  /** Sends the channel's blobs in order, each transaction after the one before is mined. */
  async #publish(channel: BuiltChannel, signal: AbortSignal): Promise<void> {
    const { maxBlobs, sidecar } = this.#options
    const receipts: TransactionReceipt[] = []
    for (let at = 0; at < channel.blobs.length; at += maxBlobs) {
      const message = {
        to: this.#modules.config.batchInboxAddress,
        sidecar: await blobSidecar(channel.blobs.slice(at, at + maxBlobs), sidecar),
      }
      receipts.push(await this.#wallet.send(message, signal))
    }
    const l1Block = receipts.at(-1)?.blockNumber ?? 0n
    this.#inFlight.push({ to: channel.to, hash: channel.toHash, l1Block })
    this.#reason = undefined
    this.#emit({
      kind: 'published',
      from: channel.from,
      to: channel.to,
      channel: channel.id,
      transactions: receipts.map((receipt) => receipt.transactionHash),
      l1Block,
      blobs: channel.blobs.length,
      bytes: channel.compressedBytes,
    })
  }

  #wait(reason: string): void {
    if (this.#reason === reason) return
    this.#reason = reason
    this.#emit({ kind: 'waiting', reason })
  }

  #emit(event: BatcherEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }
}
