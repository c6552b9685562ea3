/** What settling by batches asks of the chain. `viem-batch-chain.ts` is the real one. */
import type { Hash, Hex } from 'viem'
import type { BatchPart, SettleVoucher } from '../../client/index.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import type { SumNode } from '../../protocol/sum-tree.ts'

export type BatchState = {
  root: Hex
  /** Wei that a draw pays. */
  perDraw: bigint
  /** L1 block whose randomness draws. */
  drawnBy: bigint
  /** Seconds since 1970: from here on what is open is forfeited. */
  deadline: bigint
  draws: number
  /** A bit a draw that is neither settled nor forfeited. */
  open: bigint
}

/** The chain refused a transaction by a named error and wrote nothing. */
export class ChainRefusal extends Error {
  override name = 'ChainRefusal'
  readonly errorName: string
  /** The channel that it is about, and its LEAF_SKIP_REASON. */
  readonly channel: Hex | undefined
  readonly reason: number | undefined

  constructor(errorName: string, about: { channel?: Hex; reason?: number; message?: string; cause?: unknown } = {}) {
    super(about.message ?? errorName, { cause: about.cause })
    this.errorName = errorName
    this.channel = about.channel
    this.reason = about.reason
  }
}

export interface BatchChain {
  /** Seconds from a channel's close to its end. */
  channelCloseDelay(): Promise<bigint>
  /** Sends settleBatch and waits until it is mined. Throws {@link ChainRefusal}. */
  settleBatch(batch: {
    root: Hex
    leaves: number
    parts: readonly BatchPart[]
    vouchers: readonly SettleVoucher[]
  }): Promise<void>
  /** This account's batches that were committed in block `from` or later. */
  committedSince(from: bigint): Promise<{ batch: bigint; root: Hex; transaction: Hash }[]>
  batch(batch: bigint): Promise<BatchState>
  /** Which wei the draw names; undefined while L1 has not drawn. */
  position(batch: bigint, draw: number): Promise<bigint | undefined>
  /**
   * Sends settleDraws and waits until it is mined. `skipped` is the reason (`LEAF_SKIP_REASON`) where the leaf may not be
   * settled any more: then its draws are void. Throws {@link ChainRefusal}.
   */
  settleDraws(drawn: {
    batch: bigint
    draws: readonly number[]
    leaf: Leaf
    index: number
    proof: readonly SumNode[]
  }): Promise<SettledDraws>
}

export type SettledDraws = { transaction: Hash; skipped?: number | undefined }
