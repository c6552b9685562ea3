/** Why a block cannot be put on the chain now: what network and follower act on. */
import type { Hex } from 'viem'
import { CriticalError, TemporaryError } from '../errors.ts'

/** The block is above our head: blocks `from` … `to` must be fetched first. */
export class ParentMissingError extends TemporaryError {
  override name = 'ParentMissingError'
  readonly from: bigint
  readonly to: bigint

  constructor(number: bigint, parentHash: Hex, head: bigint) {
    super(`block ${number}: its parent ${parentHash} is unknown, the head is block ${head}`)
    this.from = head + 1n
    this.to = number - 1n
  }
}

/** The block competes with one that we hold; only L1 decides between them. */
export class CompetingBlockError extends TemporaryError {
  override name = 'CompetingBlockError'

  constructor(number: bigint, hash: Hex, held: Hex | undefined) {
    super(`block ${number} (${hash}) does not extend this chain, which holds ${held ?? 'nothing'} there`)
  }
}

/** Executing the block gives another block than its header says. */
export class BlockMismatchError extends Error {
  override name = 'BlockMismatchError'
}

/** An earlier write failed, so what the store holds is not known: the node must be restarted. */
export class ChainBrokenError extends CriticalError {
  override name = 'ChainBrokenError'
}
