/**
 * Batches over the in-memory chain, with the rules that settling by them depends on. Time and L1 stand still until a test moves them; a
 * test may have a call die before or after the chain has taken it, as a kill would.
 */
import { type Hash, type Hex, numberToHex } from 'viem'
import type { BatchPart, SettleVoucher } from '../../client/index.ts'
import { LEAF_SKIP_REASON } from '../../genesis/abi/attribution.ts'
import { leafNode } from '../../protocol/leaf.ts'
import { requestId } from '../../protocol/request.ts'
import { drawnPosition, provenStart } from '../../protocol/sum-tree.ts'
import { type BatchChain, type BatchState, ChainRefusal, type SettledDraws } from '../gateway/batch-chain.ts'
import type { InMemoryChain } from './in-memory-chain.ts'

export const DRAWS = 8
const PERIOD = 120n

type Batch = BatchState & { id: bigint; block: bigint; fees: bigint; leaves: number; parts: readonly BatchPart[] }
type Sent = Parameters<BatchChain['settleBatch']>[0]
type Drawn = Parameters<BatchChain['settleDraws']>[0]

type CallPoint = `${'before' | 'after'} ${'settleBatch' | 'settleDraws'}` | 'a read'

export class InMemoryBatches implements BatchChain {
  readonly committed: Batch[] = []
  /** Draws of which leaf were settled, in order. */
  readonly shown: { batch: bigint; n: bigint; channel: Hex; draws: readonly number[] }[] = []
  /** What all draws come from; none are known before it. */
  randomness: bigint | undefined
  /** Seconds. */
  closeDelay = 86_400n
  /** Wei of fees that the prover's stake can carry. */
  stakeFor = 10n ** 30n
  /** Requests whose leaves the chain refuses when they are drawn. */
  readonly refused = new Set<Hex>()
  /** Requests whose draws are void when they are shown. */
  readonly voided = new Set<Hex>()
  /** Throws to have the process die at that point of a call. */
  die: (at: CallPoint) => void = () => {}
  readonly #chain: InMemoryChain
  readonly #batchedTo = new Map<Hex, bigint>()

  constructor(chain: InMemoryChain) {
    this.#chain = chain
  }

  async channelCloseDelay(): Promise<bigint> {
    return this.closeDelay
  }

  async settleBatch({ root, leaves, parts, vouchers }: Sent): Promise<void> {
    this.die('before settleBatch')
    for (const part of parts) this.#check(part, vouchers)
    const fees = parts.reduce((total, part) => total + part.fees, 0n)
    if (fees > this.stakeFor) throw new ChainRefusal('StakeTooSmall')
    for (const { channel, last, fees } of parts) {
      this.#batchedTo.set(channel, last)
      this.#chain.channels.get(channel)!.settled += fees
    }
    this.#chain.block += 1n
    const { timestamp } = await this.#chain.head()
    this.committed.push({
      ...{ id: BigInt(this.committed.length + 1), block: this.#chain.block, root, fees, leaves, parts },
      ...{ perDraw: fees / BigInt(DRAWS), drawnBy: 1n, deadline: timestamp + PERIOD, draws: DRAWS },
      open: (1n << BigInt(DRAWS)) - 1n,
    })
    this.die('after settleBatch')
  }

  #check({ channel: id, first, last, fees }: BatchPart, vouchers: readonly SettleVoucher[]): void {
    const refuse = (reason: number) => new ChainRefusal('ChannelRefused', { channel: id, reason })
    const channel = this.#chain.channels.get(id)
    if (!channel) throw refuse(LEAF_SKIP_REASON.unknownChannel)
    const ceiling = vouchers.find((voucher) => voucher.channel === id)?.maxClaimableAmount ?? 0n
    if (channel.settled + fees > ceiling) throw refuse(LEAF_SKIP_REASON.overCeiling)
    const single = this.#chain.settledLeaves.filter(({ leaf }) => leaf.channel === id).map(({ leaf }) => leaf.n)
    const highest = [...single, this.#batchedTo.get(id) ?? 0n].reduce((most, n) => (n > most ? n : most))
    if (first <= highest || last < first) throw refuse(LEAF_SKIP_REASON.alreadySettled)
  }

  async committedSince(from: bigint): Promise<{ batch: bigint; root: Hex; transaction: Hash }[]> {
    this.die('a read')
    const found = this.committed.filter(({ block }) => block >= from)
    return found.map(({ id, root, block }) => ({ batch: id, root, transaction: numberToHex(block, { size: 32 }) }))
  }

  async batch(id: bigint): Promise<BatchState> {
    this.die('a read')
    return { ...this.#known(id) }
  }

  #known(id: bigint): Batch {
    const batch = this.committed.find((each) => each.id === id)
    if (!batch) throw new ChainRefusal('UnknownBatch')
    return batch
  }

  async position(id: bigint, draw: number): Promise<bigint | undefined> {
    if (this.randomness === undefined) return undefined
    return drawnPosition({ randomness: this.randomness, batch: id, draw, total: this.#known(id).fees })
  }

  async settleDraws({ batch: id, draws, leaf, index, proof }: Drawn): Promise<SettledDraws> {
    this.die('before settleDraws')
    const batch = this.#known(id)
    const request = requestId(leaf.channel, leaf.n)
    const { timestamp } = await this.#chain.head()
    if (timestamp >= batch.deadline) throw new ChainRefusal('BatchOver')
    if (this.refused.has(request)) throw new ChainRefusal('LeafRefused', { reason: LEAF_SKIP_REASON.versionNotLive })
    const start = provenStart({
      root: { hash: batch.root, sum: batch.fees },
      leaf: leafNode(leaf),
      ...{ index, count: batch.leaves, proof },
    })
    if (start === undefined) throw new ChainRefusal('InvalidField')
    for (const draw of draws) {
      const position = (await this.position(id, draw))!
      if (position < start || position >= start + leaf.fee) throw new ChainRefusal('DrawElsewhere')
      if (((batch.open >> BigInt(draw)) & 1n) === 0n) throw new ChainRefusal('DrawNotOpen')
    }
    for (const draw of draws) batch.open &= ~(1n << BigInt(draw))
    this.#chain.block += 1n
    const transaction = numberToHex(this.#chain.block, { size: 32 })
    if (this.voided.has(request)) return { transaction, skipped: LEAF_SKIP_REASON.versionNotLive }
    this.#chain.settledLeaves.push({ request, leaf, block: this.#chain.block })
    this.shown.push({ batch: id, n: leaf.n, channel: leaf.channel, draws })
    this.die('after settleDraws')
    return { transaction }
  }
}
