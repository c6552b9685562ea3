/**
 * Stage 6: the batch of the next L2 block: the one that L1 holds, or an empty one once the sequencing window has passed
 * (specs.optimism.io, "Derivation", Batch Queue; "Holocene: Batch Queue"). Holds no batches.
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { ResetError } from '../errors.ts'
import type { L2BlockRef } from '../execution/block.ts'
import type { L1BlockRef } from '../l1/source.ts'
import type { SingularBatch } from './batch.ts'
import { checkBatch } from './batch-validity.ts'
import type { ChannelReader } from './channel-reader.ts'
import type { OnDropped } from './stage.ts'

export class BatchStage {
  readonly #config: ChainConfig
  readonly #previous: ChannelReader
  readonly #onDropped: OnDropped
  /** L1 blocks from the parent's origin to the current one; at most a sequencing window of them while the safe head waits. */
  #l1Blocks: L1BlockRef[] = []

  constructor(
    { config, previous }: { config: ChainConfig; previous: ChannelReader },
    { onDropped }: { onDropped: OnDropped },
  ) {
    this.#config = config
    this.#previous = previous
    this.#onDropped = onDropped
  }

  get origin(): L1BlockRef {
    return this.#previous.origin
  }

  /** The batch that follows `parent` (the safe head); undefined where more of L1 is needed. Throws a ResetError on another L1 chain. */
  async next(parent: L2BlockRef): Promise<SingularBatch | undefined> {
    if (this.origin.number <= parent.l1Origin.number) {
      this.#track(parent)
      // A channel that ends in the parent's own L1 block or before it can only speak of the past.
      while ((await this.#previous.next()) !== undefined);
      return undefined
    }
    this.#track(parent)
    const [epoch, nextEpoch] = this.#l1Blocks
    if (epoch?.hash !== parent.l1Origin.hash || nextEpoch === undefined)
      throw new ResetError(
        `L1 origin ${parent.l1Origin.number} (${parent.l1Origin.hash}) is not in the L1 chain being read`,
      )
    for (;;) {
      const batch = await this.#previous.next()
      if (batch === undefined) return this.#emptyBatch(parent, epoch, nextEpoch)
      const validity = checkBatch(this.#config, batch, { parent, epoch, nextEpoch, inclusion: this.origin })
      if (validity.kind === 'accept') return batch
      if (validity.kind === 'past') continue
      this.#onDropped(
        'batch-stage',
        `batch of L2 block ${parent.number + 1n} and the rest of its channel: ${validity.reason}`,
      )
      this.#previous.dropChannel()
    }
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
  #emptyBatch(parent: L2BlockRef, epoch: L1BlockRef, nextEpoch: L1BlockRef): SingularBatch | undefined {
    const timestamp = parent.timestamp + BigInt(this.#config.blockTime)
    const { number, hash } = timestamp < nextEpoch.timestamp ? epoch : nextEpoch
    if (number + BigInt(this.#config.seqWindowSize) > this.origin.number) return undefined
    return { parentHash: parent.hash, epoch: { number, hash }, timestamp, transactions: [] }
  }

  dropChannel(): void {
    this.#previous.dropChannel()
  }

  reset(): void {
    this.#l1Blocks = []
  }
}
