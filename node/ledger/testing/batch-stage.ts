/** For tests: batches of a channel's requests, and their draws. */
import type { Hex } from 'viem'
import { PREDEPLOYS } from '../../../genesis/addresses.ts'
import { parameterDefaults } from '../../../genesis/parameters.ts'
import { type Leaf, leafNode } from '../../../protocol/leaf.ts'
import { leafAt, sumProof, sumRoot } from '../../../protocol/sum-tree.ts'
import { wordHex } from '../../execution/bytes.ts'
import { l1Number } from '../payouts/randomness.ts'
import type { DisputeStage } from './dispute-stage.ts'

const { batchDraws, batchPeriod, drawDelay } = parameterDefaults('development')
export const DRAWS = Number(batchDraws)

/** Its root, and its parts by ascending channel. */
export function batchOf(leaves: readonly Leaf[]): { root: Hex; parts: BatchPart[] } {
  const byChannel = Map.groupBy(leaves, ({ channel }) => channel)
  const parts = [...byChannel].map(([channel, own]) => ({
    channel,
    first: own.reduce((least, { n }) => (n < least ? n : least), own[0]!.n),
    last: own.reduce((most, { n }) => (n > most ? n : most), 0n),
    fees: own.reduce((total, { fee }) => total + fee, 0n),
  }))
  return { root: sumRoot(leaves.map(leafNode)).hash, parts: parts.sort((a, b) => (a.channel < b.channel ? -1 : 1)) }
}

type BatchPart = { channel: Hex; first: bigint; last: bigint; fees: bigint }

export function pathOf(leaves: readonly Leaf[], index: number) {
  const proof = sumProof(leaves.map(leafNode), index)
  return { index, hashes: proof.map(({ hash }) => hash), sums: proof.map(({ sum }) => sum) }
}

/** What the prover of a stage does with the requests of its channels. */
export class Batching {
  readonly stage: DisputeStage

  constructor(stage: DisputeStage) {
    this.stage = stage
  }

  leaves(fees: readonly bigint[], first = 1n): Leaf[] {
    return fees.map((fee, i) => this.stage.honestLeaf({ fee, n: first + BigInt(i) }))
  }

  /** Settles them as a batch, with vouchers for what they come to. */
  commit(leaves: readonly Leaf[]): bigint {
    const { payer, prover, world } = this.stage
    const { root, parts } = batchOf(leaves)
    const vouchers = parts.map(({ channel, fees }) => {
      const { settled } = world.send(prover.address, 'channels', 'getChannel', [channel])
      return this.stage.voucher(payer, channel, settled + fees)
    })
    return world.send(prover.address, 'attribution', 'settleBatch', [root, leaves.length, parts, vouchers])
  }

  /** Opens L1 blocks until the latest batch's randomness is there; seconds pass for each. */
  draw(seed: bigint, seconds = 2n): void {
    const { world } = this.stage
    for (let passed = 0n; passed < drawDelay; passed++) {
      if (seconds > 0n) world.pass(seconds)
      const number = world.view(l1Number) + 1n
      world.epoch(number, wordHex(seed + number))
    }
  }

  positions(batch: bigint): bigint[] {
    const { prover, world } = this.stage
    return Array.from({ length: DRAWS }, (_, draw) =>
      world.send(prover.address, 'attribution', 'drawOf', [batch, draw]),
    )
  }

  /** Draws by the index of the leaf that they hit. */
  hits(batch: bigint, leaves: readonly Leaf[]): Map<number, number[]> {
    const nodes = leaves.map(leafNode)
    const positions = this.positions(batch)
    return Map.groupBy(positions.keys(), (draw) => leafAt(nodes, positions[draw]!))
  }

  settleDraws(batch: bigint, draws: number[], leaves: readonly Leaf[], index: number): void {
    const args = [batch, draws, leaves[index]!, pathOf(leaves, index)] as const
    this.stage.world.send(this.stage.prover.address, 'attribution', 'settleDraws', args)
  }

  settleAll(batch: bigint, leaves: readonly Leaf[]): void {
    for (const [index, draws] of this.hits(batch, leaves)) this.settleDraws(batch, draws, leaves, index)
  }
}

/** Batches of every standing, each of a channel of its own. */
export class BatchesStanding {
  /** Drawn and open; its leaves. Another prover than the caller's has made none of them. */
  drawn = 0n
  leaves: Leaf[] = []
  settledLeaves: Leaf[] = []
  pendingLeaves: Leaf[] = []
  /** Not drawn yet; with all draws settled; late; late, and not drawn. */
  pending = 0n
  settled = 0n
  late = 0n
  undrawn = 0n
  /** A draw of {@link drawn}, by the index of a leaf that it hits. */
  hit: { index: number; draw: number } = { index: 0, draw: 0 }
  readonly #stage: DisputeStage
  /** An L1 block whose randomness is there. */
  readonly #drawing: bigint
  readonly #batching: Batching

  /** What is late is made here; more than a batch's period must pass before {@link complete}. */
  constructor(stage: DisputeStage) {
    this.#stage = stage
    this.#batching = new Batching(stage)
    this.#drawing = stage.world.view(l1Number) + drawDelay
    stage.world.epoch(this.#drawing)
    this.late = this.#batching.commit(this.#leaves(1))
    this.undrawn = this.#at(1n << 40n, () => this.#batching.commit(this.#leaves(1)))
    stage.world.pass(batchPeriod)
  }

  /** Makes the others, as in an L1 block of before; neither time nor L1 goes on. */
  complete(): void {
    const batching = this.#batching
    this.leaves = this.#leaves(2)
    this.settledLeaves = this.#leaves(1)
    this.pendingLeaves = this.#leaves(1)
    this.#at(this.#drawing - drawDelay, () => {
      this.drawn = batching.commit(this.leaves)
      this.settled = batching.commit(this.settledLeaves)
    })
    batching.settleAll(this.settled, this.settledLeaves)
    const [[index, [draw]]] = [...batching.hits(this.drawn, this.leaves)] as [[number, [number]]]
    this.hit = { index, draw }
    this.pending = batching.commit(this.pendingLeaves)
  }

  #leaves(count: number): Leaf[] {
    const channel = this.#stage.openChannel()
    return Array.from({ length: count }, (_, i) =>
      this.#stage.honestLeaf({ channel, n: BigInt(i) + 1n, fee: 1_000n, entries: [] }),
    )
  }

  /** Acts with L1 at another block. */
  #at<answer>(number: bigint, act: () => answer): answer {
    const { storage } = this.#stage.world
    const slot = PREDEPLOYS.l1Block + wordHex(0n)
    const before = storage.get(slot)!
    storage.set(slot, number)
    const answer = act()
    storage.set(slot, before)
    return answer
  }
}
