/**
 * Stage 1: walks L1 block by block and keeps the system config in force at each, so that the batcher is the one of that
 * very block (specs.optimism.io, "Derivation", L1 Traversal).
 */
import type { ChainConfig, SystemConfig } from '../../genesis/chain-config.ts'
import { CriticalError, ResetError } from '../errors.ts'
import type { L1BlockRef, L1Source } from '../l1/source.ts'
import type { Stage } from './stage.ts'
import { applyConfigUpdates } from './system-config.ts'

/** An L1 block together with the account whose transactions count in it. */
export type TraversedBlock = { block: L1BlockRef; systemConfig: SystemConfig }

export class L1Traversal implements Stage<TraversedBlock> {
  readonly #config: ChainConfig
  readonly #l1: L1Source
  #current: TraversedBlock | undefined
  #given = false

  constructor({ config, l1 }: { config: ChainConfig; l1: L1Source }) {
    this.#config = config
    this.#l1 = l1
  }

  get origin(): L1BlockRef {
    return this.#traversed.block
  }

  get #traversed(): TraversedBlock {
    if (this.#current === undefined) throw new CriticalError('derivation is asked before its first reset')
    return this.#current
  }

  /** The current block, once. */
  async next(): Promise<TraversedBlock | undefined> {
    if (this.#given) return undefined
    this.#given = true
    return this.#traversed
  }

  /**
   * Moves to the next L1 block; false where there is none yet.
   * Throws a ResetError where L1 no longer holds the current block: reorganized, or shorter than remembered.
   */
  async advance(): Promise<boolean> {
    const { block, systemConfig } = this.#traversed
    const next = await this.#l1.blockByNumber(block.number + 1n)
    if (next === undefined) {
      const same = await this.#l1.blockByNumber(block.number)
      if (same?.hash !== block.hash) throw new ResetError(`L1 no longer holds block ${block.number} (${block.hash})`)
      return false
    }
    if (next.parentHash !== block.hash)
      throw new ResetError(
        `L1 block ${next.number} (${next.hash}) does not follow ${block.hash}, which was read before it`,
      )
    const receipts = await this.#l1.receipts(next.hash)
    this.#current = { block: next, systemConfig: applyConfigUpdates(this.#config, systemConfig, receipts) }
    this.#given = false
    return true
  }

  /** Starts over at `base`. */
  resetTo(base: TraversedBlock): void {
    this.#current = base
    this.#given = false
  }

  reset(): void {
    this.#given = false
  }
}
