/**
 * Derivation: L1 data in, payload attributes of L2's next block out, deterministic in L1 and the safe head alone
 * (specs.optimism.io, "L2 Chain Derivation Pipeline", with Holocene's rules). Each stage pulls from the one above:
 *
 *   L1Traversal ─ block ─▶ L1Retrieval ─ payload ─▶ FrameQueue ─ frame ─▶ ChannelAssembler ─ channel ─▶ ChannelReader
 *     ─ batch ─▶ BatchStage ─ next batch ─▶ AttributesStage ─ attributes ─▶ node/chain
 *
 * Only the first two and the last do I/O. Errors are NodeErrors: temporary (pull again), reset (find a safe head on the
 * L1 that is now canonical and call `reset`), critical. Malformed outside data is dropped and told to `onDropped`.
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { ResetError } from '../errors.ts'
import type { L2BlockRef } from '../execution/block.ts'
import type { L1BlockRef, L1Source } from '../l1/source.ts'
import { AttributesStage, type DerivedAttributes } from './attributes-stage.ts'
import { BatchStage } from './batch-stage.ts'
import { ChannelAssembler } from './channel-assembler.ts'
import { ChannelReader } from './channel-reader.ts'
import { FrameQueue } from './frame-queue.ts'
import { L1Retrieval } from './l1-retrieval.ts'
import { L1Traversal } from './l1-traversal.ts'
import type { L2View } from './l2-view.ts'
import type { RecoverSenders } from './recovered-ahead.ts'
import type { OnDropped } from './stage.ts'

export type { DerivedAttributes } from './attributes-stage.ts'
export type { L2View } from './l2-view.ts'

export type PipelineModules = {
  config: ChainConfig
  l1: L1Source
  l2: L2View
  /** Told of transactions ahead of the blocks that will hold them; the same is derived without it. */
  recoverSenders?: RecoverSenders | undefined
}
export type PipelineOptions = { onDropped?: OnDropped }

/** One pull: attributes; or one L1 block further without any; or all of L1 read. */
export type DerivationStep =
  | { kind: 'attributes'; derived: DerivedAttributes }
  | { kind: 'advanced'; origin: L1BlockRef }
  | { kind: 'idle' }

export class DerivationPipeline {
  readonly #modules: PipelineModules
  readonly #traversal: L1Traversal
  readonly #batches: BatchStage
  readonly #attributes: AttributesStage
  readonly #stages: { reset(): void }[]

  constructor(modules: PipelineModules, { onDropped = () => {} }: PipelineOptions = {}) {
    const { config, l1, l2, recoverSenders } = modules
    const traversal = new L1Traversal({ config, l1 })
    const retrieval = new L1Retrieval({ config, l1, previous: traversal }, { onDropped })
    const frames = new FrameQueue({ previous: retrieval }, { onDropped })
    const channels = new ChannelAssembler({ config, previous: frames }, { onDropped })
    const reader = new ChannelReader({ config, previous: channels, recoverSenders }, { onDropped })
    const batches = new BatchStage({ config, l2, previous: reader, recoverSenders }, { onDropped })
    const attributes = new AttributesStage({ config, l1, l2, previous: batches })
    this.#modules = modules
    this.#traversal = traversal
    this.#batches = batches
    this.#attributes = attributes
    this.#stages = [traversal, retrieval, frames, channels, reader, batches, attributes]
  }

  /** The L1 block being read: everything before it is behind us. */
  get origin(): L1BlockRef {
    return this.#traversal.origin
  }

  /** One step on top of the safe head: never reads more than one new L1 block. */
  async step(safeHead: L2BlockRef): Promise<DerivationStep> {
    const derived = await this.#attributes.next(safeHead)
    if (derived !== undefined) return { kind: 'attributes', derived }
    const advanced = await this.#traversal.advance()
    return advanced ? { kind: 'advanced', origin: this.origin } : { kind: 'idle' }
  }

  /**
   * Attributes of the block after the safe head; undefined once all of L1 has been read. The caller applies them and
   * asks again with the block that they became.
   */
  async next(safeHead: L2BlockRef): Promise<DerivedAttributes | undefined> {
    for (;;) {
      const step = await this.step(safeHead)
      if (step.kind === 'attributes') return step.derived
      if (step.kind === 'idle') return undefined
    }
  }

  /**
   * Leaves the rest of the current channel unread: to be called when attributes just given made an invalid block and
   * were replaced by their deposits alone ({@link depositsOnly}; Holocene, Engine Queue).
   */
  dropChannel(): void {
    this.#batches.dropChannel()
  }

  /**
   * Starts over for this safe head, whose L1 origin the caller has found canonical: L1 is read from a channel timeout
   * before it, so that a channel that was open there is whole. Throws a ResetError where that L1 block is not canonical.
   */
  async reset(safeHead: L2BlockRef): Promise<void> {
    const { l1, l2 } = this.#modules
    const start = await this.#startOf(safeHead)
    const { hash, number } = start.l1Origin
    const block = await l1.blockByNumber(number)
    if (block?.hash !== hash)
      throw new ResetError(`L1 origin ${number} (${hash}) of L2 block ${start.number} is not canonical`)
    const systemConfig = await l2.systemConfigOf(start.number)
    for (const stage of this.#stages) stage.reset()
    this.#traversal.resetTo({ block, systemConfig })
  }

  /** The L2 block at whose L1 origin reading begins. Origins only grow along L2, so it is found by halving. */
  async #startOf(safeHead: L2BlockRef): Promise<L2BlockRef> {
    const { config, l2 } = this.#modules
    const oldest = safeHead.l1Origin.number - BigInt(config.channelTimeout)
    if (safeHead.number === 0n || safeHead.l1Origin.number <= oldest) return safeHead
    let start = await l2.blockRef(0n)
    let after = safeHead.number
    while (after - start.number > 1n) {
      const middle = await l2.blockRef((start.number + after) / 2n)
      if (middle.l1Origin.number > oldest) after = middle.number
      else start = middle
    }
    return start
  }
}
