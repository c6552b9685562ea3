/** Stage 7: a batch becomes payload attributes (specs.optimism.io, "Derivation", Payload Attributes Derivation). */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { ResetError } from '../errors.ts'
import type { L2BlockRef, PayloadAttributes } from '../execution/block.ts'
import type { L1BlockRef, L1Source } from '../l1/source.ts'
import { prepareAttributes } from './attributes.ts'
import type { BatchStage, NextBatch } from './batch-stage.ts'
import type { L2View } from './l2-view.ts'

export type DerivedAttributes = {
  attributes: PayloadAttributes
  /** The block they build on. */
  parent: L2BlockRef
  /** The L1 block whose data decided them: once it is final, so is the block. */
  derivedFrom: L1BlockRef
  /** Whether it is the last block of its batch; false inside a span batch. Each block is safe by itself all the same (Holocene). */
  concludes: boolean
}

type Modules = { config: ChainConfig; l1: L1Source; l2: L2View; previous: BatchStage }

export class AttributesStage {
  readonly #modules: Modules
  /** A batch that was pulled and whose attributes could not be made yet. */
  #next: NextBatch | undefined

  constructor(modules: Modules) {
    this.#modules = modules
  }

  async next(parent: L2BlockRef): Promise<DerivedAttributes | undefined> {
    const { l2, previous } = this.#modules
    this.#next ??= await previous.next(parent)
    if (this.#next === undefined) return undefined
    const { batch, concludes } = this.#next
    if (batch.parentHash !== parent.hash)
      throw new ResetError(`derivation waits on L2 block ${batch.parentHash}, the safe head became ${parent.hash}`)
    const attributes = await prepareAttributes(
      this.#modules,
      parent,
      await l2.systemConfigOf(parent.number),
      batch.epoch,
    )
    this.#next = undefined
    return {
      attributes: { ...attributes, transactions: [...attributes.transactions, ...batch.transactions] },
      parent,
      derivedFrom: previous.origin,
      concludes,
    }
  }

  reset(): void {
    this.#next = undefined
  }
}
