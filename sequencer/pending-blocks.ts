/**
 * The L2 blocks that wait to be published, in order, each on the one before. Follows the chain from turn to turn: looks
 * only at what is new, and begins anew where the chain was reorganized.
 */
import type { ChainReads } from '../node/chain/reads.ts'
import type { HashedBlock } from '../node/execution/block.ts'
import { DEPOSIT_TYPE } from '../node/execution/transaction.ts'

/** Bytes that a block adds to a batch besides its transactions, taken for a singular batch's. */
const BLOCK_OVERHEAD = 90
/** Where more waits than this, the rest is not looked at before some of it has gone. */
const MAX_BLOCKS = 20_000
const MAX_BYTES = 64 * 1024 * 1024

export class PendingBlocks {
  readonly #chain: Pick<ChainReads, 'head' | 'blockByNumber'>
  #blocks: HashedBlock[] = []
  /** Of all blocks. */
  #bytes = 0

  constructor(chain: Pick<ChainReads, 'head' | 'blockByNumber'>) {
    this.#chain = chain
  }

  get blocks(): readonly HashedBlock[] {
    return this.#blocks
  }

  /** Of transactions and what a batch says besides them, before compression. */
  get bytes(): number {
    return this.#bytes
  }

  /** Brings the list to the blocks after `last` that the chain has now. */
  async follow(last: { to: bigint; hash: string }): Promise<void> {
    await this.#prune(last)
    const unsafe = this.#chain.head('unsafe').block.header.number
    let tip = this.#blocks.at(-1)
    let parent = tip?.hash ?? last.hash
    for (let number = (tip?.block.header.number ?? last.to) + 1n; number <= unsafe; number++) {
      if (this.#blocks.length >= MAX_BLOCKS || this.#bytes >= MAX_BYTES) return
      const block = await this.#chain.blockByNumber(number)
      // The chain was reorganized since the heads were read: the next turn sees it whole.
      if (block === undefined || block.block.header.parentHash !== parent) return
      this.#blocks.push(block)
      this.#bytes += batchBytes(block)
      tip = block
      parent = tip.hash
    }
  }

  /** Leaves what is still canonical and follows `last`. */
  async #prune(last: { to: bigint; hash: string }): Promise<void> {
    const tip = this.#blocks.at(-1)
    if (tip === undefined) return
    const gone = this.#blocks.findIndex(({ block }) => block.header.number > last.to)
    const first = gone === -1 ? undefined : this.#blocks[gone]
    const canonical = await this.#chain.blockByNumber(tip.block.header.number)
    if (canonical?.hash !== tip.hash || first?.block.header.parentHash !== last.hash) {
      this.#blocks = []
      this.#bytes = 0
      return
    }
    for (const block of this.#blocks.splice(0, gone)) this.#bytes -= batchBytes(block)
  }
}

/** Of the block's transactions and what a batch says besides them, before compression. */
export function batchBytes({ block }: HashedBlock): number {
  let bytes = BLOCK_OVERHEAD
  for (const raw of block.transactions) if (raw[0] !== DEPOSIT_TYPE) bytes += raw.length
  return bytes
}
