/**
 * Stage 6: the batch of the next L2 block: the one that L1 holds, or an empty one once the sequencing window has passed
 * (specs.optimism.io, "Derivation", Batch Queue; "Holocene: Batch Queue", Span Batches). Holds at most one span batch, which
 * it gives block by block: an invalid block ends the span and its channel, and leaves what came before it.
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { ResetError } from '../errors.ts'
import type { L2BlockRef } from '../execution/block.ts'
import { wordHex } from '../execution/bytes.ts'
import type { L1BlockRef } from '../l1/source.ts'
import { isSpanBatch, type SingularBatch } from './batch.ts'
import { checkBatch } from './batch-validity.ts'
import type { ChannelReader } from './channel-reader.ts'
import type { L2View } from './l2-view.ts'
import { RecoveredAhead, type RecoverSenders } from './recovered-ahead.ts'
import type { SpanBatch } from './span-batch.ts'
import { checkSpanBatch, type SpanBlockInput, spanInputs } from './span-validity.ts'
import type { OnDropped } from './stage.ts'

/** A batch, and whether it is the last block of what the channel held as one batch. */
export type NextBatch = { batch: SingularBatch; concludes: boolean }

type Modules = { config: ChainConfig; l2: L2View; previous: ChannelReader; recoverSenders?: RecoverSenders | undefined }

export class BatchStage {
  readonly #config: ChainConfig
  readonly #l2: L2View
  readonly #previous: ChannelReader
  readonly #recover: RecoverSenders | undefined
  readonly #onDropped: OnDropped
  /** L1 blocks from the parent's origin to the current one; at most a sequencing window of them while the safe head waits. */
  #l1Blocks: L1BlockRef[] = []
  /** A span batch that was pulled and could not be judged yet. */
  #pulled: SpanBatch | undefined
  /** What is left of the current span batch. */
  #span: RecoveredAhead<SpanBlockInput> | undefined

  constructor({ config, l2, previous, recoverSenders }: Modules, { onDropped }: { onDropped: OnDropped }) {
    this.#config = config
    this.#l2 = l2
    this.#previous = previous
    this.#recover = recoverSenders
    this.#onDropped = onDropped
  }

  get origin(): L1BlockRef {
    return this.#previous.origin
  }

  /** The batch that follows `parent` (the safe head); undefined where more of L1 is needed. Throws a ResetError on another L1 chain. */
  async next(parent: L2BlockRef): Promise<NextBatch | undefined> {
    this.#track(parent)
    this.#previous.notePast(parent.timestamp)
    if (this.origin.number <= parent.l1Origin.number) {
      // A channel that ends in the parent's own L1 block or before it can only speak of the past.
      while ((await this.#previous.next()) !== undefined);
      return undefined
    }
    const [epoch, nextEpoch] = this.#l1Blocks
    if (epoch?.hash !== parent.l1Origin.hash || nextEpoch === undefined)
      throw new ResetError(
        `L1 origin ${parent.l1Origin.number} (${parent.l1Origin.hash}) is not in the L1 chain being read`,
      )
    for (;;) {
      const found = (await this.#nextOfSpan(parent)) ?? (await this.#nextOfChannel(parent))
      if (found === 'again') continue
      if (found === undefined) return this.#emptyBatch(parent, epoch, nextEpoch)
      const validity = checkBatch(this.#config, found.batch, { parent, epoch, nextEpoch, inclusion: this.origin })
      if (validity.kind === 'accept') return found
      if (validity.kind === 'drop')
        this.#refuse(`batch of L2 block ${parent.number + 1n} and the rest of its channel: ${validity.reason}`)
    }
  }

  /** The next block of the span batch at hand. What does not follow the parent any more ends it. */
  async #nextOfSpan(parent: L2BlockRef): Promise<NextBatch | undefined> {
    const input = await this.#span?.next()
    if (input?.timestamp !== parent.timestamp + BigInt(this.#config.blockTime)) {
      this.#span = undefined
      return undefined
    }
    const { timestamp, originNumber, transactions, isLast } = input
    // A number that is not in the L1 chain being read has no hash, and is refused for the number.
    const hash = this.#l1Blocks.find(({ number }) => number === originNumber)?.hash ?? wordHex(0n)
    const batch = { parentHash: parent.hash, epoch: { number: originNumber, hash }, timestamp, transactions }
    return { batch, concludes: isLast }
  }

  /** The channel's next singular batch; 'again' where it was a span batch. */
  async #nextOfChannel(parent: L2BlockRef): Promise<NextBatch | 'again' | undefined> {
    if (this.#pulled === undefined) {
      const batch = await this.#previous.next()
      if (batch === undefined) return undefined
      if (!isSpanBatch(batch)) return { batch, concludes: true }
      this.#pulled = batch
    }
    const span = this.#pulled
    const context = { parent, l1Blocks: this.#l1Blocks, inclusion: this.origin }
    const validity = await checkSpanBatch({ config: this.#config, l2: this.#l2 }, span, context)
    this.#pulled = undefined
    if (validity.kind === 'accept') {
      const blocks = spanInputs(this.#config, span, parent.timestamp)
      this.#span = new RecoveredAhead(blocks, ({ transactions }) => ({ transactions }), this.#recover)
    }
    if (validity.kind === 'drop') this.#refuse(`span batch and the rest of its channel: ${validity.reason}`)
    return 'again'
  }

  #refuse(reason: string): void {
    this.#onDropped('batch-stage', reason)
    this.dropChannel()
  }

  #track(parent: L2BlockRef): void {
    if (this.#l1Blocks.at(-1)?.hash !== this.origin.hash) this.#l1Blocks.push(this.origin)
    const from = this.#l1Blocks.findIndex((block) => block.number >= parent.l1Origin.number)
    this.#l1Blocks.splice(0, from === -1 ? this.#l1Blocks.length : from)
  }

  /**
   * A block without batch keeps the parent's epoch until its time reaches the next L1 block's. It is due once the window
   * of the epoch that it belongs to has been read to its end (op-node does the same for the block that changes epochs).
   */
  #emptyBatch(parent: L2BlockRef, epoch: L1BlockRef, nextEpoch: L1BlockRef): NextBatch | undefined {
    const timestamp = parent.timestamp + BigInt(this.#config.blockTime)
    const { number, hash } = timestamp < nextEpoch.timestamp ? epoch : nextEpoch
    if (number + BigInt(this.#config.seqWindowSize) > this.origin.number) return undefined
    return { batch: { parentHash: parent.hash, epoch: { number, hash }, timestamp, transactions: [] }, concludes: true }
  }

  /** Leaves the rest of the span batch and of its channel. */
  dropChannel(): void {
    this.#span = undefined
    this.#pulled = undefined
    this.#previous.dropChannel()
  }

  reset(): void {
    this.#l1Blocks = []
    this.#span = undefined
    this.#pulled = undefined
  }
}
