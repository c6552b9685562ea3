/**
 * Publishes L2 blocks on L1: the blocks after the safe head, in order, as span or singular batches in channels, one channel
 * after the other (Holocene wants strict order), as blobs or calldata, whichever costs less when the channel is closed.
 * A channel is closed when it is full, when its oldest block has waited long enough, or when half of its sequencing
 * window has gone.
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
import { l2BlockRef } from '../node/derivation/block-ref.ts'
import type { Compression } from '../node/derivation/channel.ts'
import type { HashedBlock } from '../node/execution/block.ts'
import { blobSidecar, type SidecarForm } from './blob-transaction.ts'
import { type BatchType, type BuiltChannel, buildChannel } from './channel-builder.ts'
import { capacityOf, cheaperForm, type DataForm, type DataTransaction, dataTransactions } from './data-form.ts'
import { L1Wallet, type L1WalletOptions, OtherKindPendingError } from './l1-wallet.ts'
import { batchBytes, PendingBlocks } from './pending-blocks.ts'
import { type DataLimits, limitsOf, type ThrottleOptions } from './throttle.ts'
import { type TurnEvent, type TurnOutcome, Turns } from './turns.ts'

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
  /** Default 'span'. */
  batchType?: BatchType
  /** Default 'auto': what costs less at the moment. */
  dataForm?: DataForm | 'auto'
  /** Default '7594', which Ethereum wants since Osaka; '4844', which is quicker, on a development network. */
  sidecar?: SidecarForm
  /** Channels that may wait to become safe; more blocks wait in the chain. Default 8. */
  maxInFlight?: number
  /** Waiting bytes from which {@link Batcher.dataLimits} asks for smaller blocks. */
  throttle?: ThrottleOptions
}

export type BatcherEvent =
  | {
      kind: 'published'
      from: bigint
      to: bigint
      channel: Hex
      transactions: Hex[]
      l1Block: bigint
      form: DataForm
      /** 0 in calldata. */
      blobs: number
      /** Compressed, and before compression. */
      bytes: number
      rawBytes: number
    }
  /** What was published counts for nothing any more; publishing starts again after the safe head. */
  | { kind: 'rewound'; reason: string; safe: bigint }
  /** So many L1 blocks are left to the oldest block that is not safe; said at each quarter of the window that has gone. */
  | { kind: 'alarm'; l2Block: bigint; l1BlocksLeft: bigint; window: number }
  /** Blocks have begun to shrink, or have ceased to, for what waits. */
  | { kind: 'throttled'; limits: DataLimits | undefined; waitingBytes: number }
  | TurnEvent

type Published = { to: bigint; hash: Hex; l1Block: bigint }

/** L1 blocks that the follower may read past a batch before the batch counts as lost. */
const SAFE_SLACK = 2n
/** Compressed bytes for each byte before, until the first channel has shown it. */
const FIRST_RATIO = 0.4
/** A channel that was compressed and found emptier than this waits for more blocks, unless its time is up. */
const FULL_SHARE = 0.9
/** Raw bytes of a channel that compresses without end. */
const MAX_RAW_BYTES = 20_000_000
/** Quarters of the window from which it is said that they have gone. */
const FIRST_ALARM = 2n
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
    batchType: BatchType
    dataForm: DataForm | 'auto'
    throttle: ThrottleOptions
  }
  readonly #pending: PendingBlocks
  readonly #turns: Turns<BatcherEvent>
  #inFlight: Published[] = []
  /** L1 must have been read to here before the first batch, so that those of an earlier life are known. */
  #readUpTo: bigint | undefined
  /** Times that publishing started again since something became safe. */
  #fruitless = 0
  /** Compressed bytes for each byte of {@link PendingBlocks.bytes}, as the last channel had it. */
  #ratio = FIRST_RATIO
  /** Quarters of the window gone when it was last said. */
  #alarmed = 0n
  #limits: DataLimits | undefined
  /** Set where L1 holds a pending transaction that the preferred form cannot replace. */
  #otherForm: DataForm | undefined

  constructor(modules: BatcherModules, options: BatcherOptions) {
    const { config, clock = systemClock } = modules
    const isDevelopment = config.network === 'development'
    this.#modules = modules
    this.#clock = clock
    const pollInterval = options.pollInterval ?? (isDevelopment ? 250 : 2_000)
    this.#wallet = new L1Wallet({
      l1Rpc: options.l1Rpc,
      privateKey: options.privateKey,
      l1ChainId: config.l1ChainId,
      pollInterval,
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
      batchType: options.batchType ?? 'span',
      dataForm: options.dataForm ?? 'auto',
      throttle: options.throttle ?? {},
    }
    this.#pending = new PendingBlocks(modules.chain)
    this.#turns = new Turns(
      { clock, turn: (signal) => this.#turn(signal), begin: () => this.#forget() },
      { pause: pollInterval, pauseAfterError: RETRY_DELAY },
    )
  }

  start(): void {
    this.#turns.start()
  }

  /** Resolves when nothing of it runs any more; a transaction that was sent may still be mined. */
  stop(): Promise<void> {
    return this.#turns.stop()
  }

  /** Listeners are called synchronously and must not throw; returns the unsubscribe function. */
  onEvent(listener: (event: BatcherEvent) => void): () => void {
    return this.#turns.onEvent(listener)
  }

  /** What the builder should keep its blocks within while much data waits; undefined for no limits. */
  dataLimits(): DataLimits | undefined {
    return this.#limits
  }

  /** At each start L1 says what was published. */
  #forget(): void {
    this.#inFlight = []
    this.#readUpTo = undefined
  }

  /** Publishes one channel, unless there is none to publish yet, or something stands in the way. */
  async #turn(signal: AbortSignal): Promise<TurnOutcome> {
    const unread = await this.#unreadL1()
    if (unread !== undefined) return { blockedBy: unread }
    const lost = await this.#settle()
    if (lost !== undefined) await this.#rewind(lost, signal)
    await this.#pending.follow(this.#lastPublished())
    this.#throttle()
    const l1Head = await this.#wallet.head()
    await this.#watchWindow(l1Head)
    if (this.#inFlight.length >= this.#options.maxInFlight)
      return { blockedBy: `${this.#inFlight.length} channels wait to become safe` }
    const first = this.#pending.blocks[0]
    if (first === undefined) return 'idle'
    const expired = this.#expired(first, l1Head, 1)
    if (expired !== undefined) return { blockedBy: expired }
    const channel = await this.#closedChannel(first, l1Head)
    if (channel === undefined) return 'idle'
    return (await this.#publish(channel, first, signal)) ?? 'again'
  }

  #lastPublished(): { to: bigint; hash: Hex } {
    const { block, hash } = this.#modules.chain.head('safe')
    return this.#inFlight.at(-1) ?? { to: block.header.number, hash }
  }

  /** The channel to publish now; undefined while it may wait for more blocks. */
  async #closedChannel(first: HashedBlock, l1Head: bigint): Promise<BuiltChannel | undefined> {
    const { maxBlobs, compression, batchType, maxChannelDuration } = this.#options
    const { config } = this.#modules
    const age = this.#clock.now() - Number(first.block.header.timestamp) * 1000
    const isLate = l1Head >= l2BlockRef(config, first).l1Origin.number + BigInt(config.seqWindowSize) / 2n
    const isDue = age >= maxChannelDuration || isLate
    const capacity = capacityOf(maxBlobs)
    const { bytes } = this.#pending
    if (!isDue && bytes * this.#ratio < capacity && bytes < MAX_RAW_BYTES) return undefined
    const channel = await buildChannel(config, this.#firstBlocks(capacity), { capacity, compression, batchType })
    this.#ratio = channel.compressed.length / Math.max(1, channel.rawBytes)
    const isFull = channel.isFull || channel.compressed.length >= capacity * FULL_SHARE || bytes >= MAX_RAW_BYTES
    return isDue || isFull ? channel : undefined
  }

  /** As many blocks as could fill a channel that compresses twice as well as expected. */
  #firstBlocks(capacity: number): HashedBlock[] {
    const most = Math.min(MAX_RAW_BYTES, (2 * capacity) / this.#ratio)
    const taken: HashedBlock[] = []
    let bytes = 0
    for (const block of this.#pending.blocks) {
      taken.push(block)
      bytes += batchBytes(block)
      if (bytes >= most) break
    }
    return taken
  }

  #throttle(): void {
    const before = this.#limits
    this.#limits = limitsOf(this.#pending.bytes, this.#options.throttle)
    if ((before === undefined) !== (this.#limits === undefined))
      this.#turns.emit({ kind: 'throttled', limits: this.#limits, waitingBytes: this.#pending.bytes })
  }

  /** Alarms at each quarter of the sequencing window that the oldest block which is not safe has spent. */
  async #watchWindow(l1Head: bigint): Promise<void> {
    const { chain, config } = this.#modules
    const safe = chain.head('safe').block.header.number
    const oldest = safe < chain.head('unsafe').block.header.number ? await chain.blockByNumber(safe + 1n) : undefined
    if (oldest === undefined) {
      this.#alarmed = 0n
      return
    }
    const window = BigInt(config.seqWindowSize)
    const spent = l1Head - l2BlockRef(config, oldest).l1Origin.number
    const quarters = window === 0n ? 4n : (4n * spent) / window
    if (quarters > this.#alarmed && quarters >= FIRST_ALARM)
      this.#turns.emit({
        kind: 'alarm',
        l2Block: safe + 1n,
        l1BlocksLeft: spent > window ? 0n : window - spent,
        window: config.seqWindowSize,
      })
    this.#alarmed = quarters
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
    this.#turns.emit({ kind: 'rewound', reason, safe: this.#modules.chain.head('safe').block.header.number })
    const delay = this.#fruitless === 0 ? 0 : Math.min(RETRY_DELAY * 2 ** this.#fruitless, LONGEST_DELAY)
    this.#fruitless++
    await this.#clock.wait(delay, signal)
  }

  /** A batch whose window has passed is dead on arrival; the chain will derive empty blocks and reorganize. */
  #expired(first: HashedBlock, l1Head: bigint, transactions: number): string | undefined {
    const { config } = this.#modules
    const { l1Origin, number } = l2BlockRef(config, first)
    const end = l1Origin.number + BigInt(config.seqWindowSize)
    if (l1Head >= end) return `the sequencing window of L2 block ${number} ended at L1 block ${end}`
    // One transaction an L1 block; the channel counts from its last on.
    if (l1Head + BigInt(transactions) > end)
      return `the sequencing window of L2 block ${number} ends at L1 block ${end}, too soon for ${transactions} transactions`
    return undefined
  }

  /** Sends the channel's data in order, each transaction after the one before is mined; says what stood in the way. */
  async #publish(
    channel: BuiltChannel,
    first: HashedBlock,
    signal: AbortSignal,
  ): Promise<{ blockedBy: string } | undefined> {
    const { form, messages } = await this.#messagesOf(channel)
    const receipts: TransactionReceipt[] = []
    for (const [index, message] of messages.entries()) {
      const expired = this.#expired(first, await this.#wallet.head(), messages.length - index)
      if (expired !== undefined) return { blockedBy: expired }
      receipts.push(await this.#send(message, form, signal))
    }
    const l1Block = receipts.at(-1)?.blockNumber ?? 0n
    this.#inFlight.push({ to: channel.to, hash: channel.toHash, l1Block })
    this.#turns.unblocked()
    this.#otherForm = undefined
    this.#turns.emit({
      kind: 'published',
      from: channel.from,
      to: channel.to,
      channel: channel.id,
      transactions: receipts.map((receipt) => receipt.transactionHash),
      l1Block,
      form,
      blobs: form === 'blobs' ? Math.ceil(channel.compressed.length / capacityOf(1)) : 0,
      bytes: channel.compressed.length,
      rawBytes: channel.rawBytes,
    })
    return undefined
  }

  async #messagesOf(channel: BuiltChannel): Promise<{ form: DataForm; messages: DataTransaction[] }> {
    const { maxBlobs, dataForm } = this.#options
    const cheaper = async () => cheaperForm(channel.compressed, maxBlobs, await this.#wallet.prices())
    const form = this.#otherForm ?? (dataForm === 'auto' ? await cheaper() : dataForm)
    return { form, messages: dataTransactions(channel, form, maxBlobs) }
  }

  /** A transaction of an earlier life may still be pending, and only one of its own kind can take its place. */
  async #send(message: DataTransaction, form: DataForm, signal: AbortSignal): Promise<TransactionReceipt> {
    const to = this.#modules.config.batchInboxAddress
    try {
      return 'data' in message
        ? await this.#wallet.send({ to, data: message.data }, signal)
        : await this.#wallet.send({ to, sidecar: await blobSidecar(message.blobs, this.#options.sidecar) }, signal)
    } catch (error) {
      if (error instanceof OtherKindPendingError) this.#otherForm = form === 'blobs' ? 'calldata' : 'blobs'
      throw error
    }
  }
}
