/**
 * What has become of contributions and their clusters, told by Datanets' logs alone (docs/protocol.md, "Datanets" and
 * "Challenges"). Seven events say all of it:
 *
 *     Contributed      accepted, into a cluster; a founder leads it from here on (and brings it back, if it was withdrawn)
 *     ContentSeen      its content stands in calldata, whole or in chunks, so that anybody has it
 *     ChunkShown       one of these chunks
 *     Withdrawn        taken back by its contributor, with its cluster if it leads that; of a proposal too, which has none
 *     Refuted          disproved by a chunk: the same
 *     ClusterAppealed  left its cluster and founded one of its own
 *     ClustersMerged   two clusters are one, led by the founder of one of the two
 *
 * Proposed and Rejected are not needed: Contributed is logged when a proposal is accepted, and never for a rejected one.
 */
import type { Hex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { ClusterId, ContributionId, DatanetId } from '../../genesis/units.ts'
import { type CorpusContribution, CorpusError, type Withdrawn } from './corpus.ts'

const NAMES = [
  'Contributed',
  'ContentSeen',
  'ChunkShown',
  'Withdrawn',
  'Refuted',
  'ClusterAppealed',
  'ClustersMerged',
] as const
type EventName = (typeof NAMES)[number]
type EventItem = Extract<(typeof datanetsAbi)[number], { type: 'event'; name: EventName }>

const isHistoric = (item: (typeof datanetsAbi)[number]): item is EventItem =>
  item.type === 'event' && NAMES.some((name) => name === item.name)

/** The events that {@link ClusterHistory} follows. */
export const CLUSTER_EVENTS: readonly EventItem[] = datanetsAbi.filter(isHistoric)

type Accepted = { datanet: bigint; contribution: bigint; cluster: bigint; founder: boolean; contentHash: Hex }

/** What {@link ClusterHistory} needs of each. */
export type ClusterEvent =
  | { eventName: 'Contributed'; args: Accepted }
  | { eventName: 'ContentSeen' | 'Withdrawn' | 'Refuted'; args: { contribution: bigint } }
  | { eventName: 'ChunkShown'; args: { contribution: bigint; index: number; chunkHash: Hex } }
  | { eventName: 'ClusterAppealed'; args: { contribution: bigint; founded: bigint } }
  | { eventName: 'ClustersMerged'; args: { kept: bigint; merged: bigint; founder: bigint } }

/** Of a log, what {@link ClusterHistory} needs: many are kept for long. */
export function clusterEvent({ eventName, args }: ClusterEvent): ClusterEvent {
  if (eventName === 'Contributed') {
    const { datanet, contribution, cluster, founder, contentHash } = args
    return { eventName, args: { datanet, contribution, cluster, founder, contentHash } }
  }
  if (eventName === 'ChunkShown') {
    const { contribution, index, chunkHash } = args
    return { eventName, args: { contribution, index, chunkHash } }
  }
  if (eventName === 'ClusterAppealed')
    return { eventName, args: { contribution: args.contribution, founded: args.founded } }
  if (eventName === 'ClustersMerged') {
    const { kept, merged, founder } = args
    return { eventName, args: { kept, merged, founder } }
  }
  return { eventName, args: { contribution: args.contribution } }
}

/** A way of n merges needs 2ⁿ clusters (docs/protocol.md, "Challenges"). */
const LONGEST_WAY = 64

/** Follows the events in the chain's order. */
export class ClusterHistory {
  /** Clusters as contributions joined them; later merges stand in `#parent`. */
  readonly #clusterOf = new Map<bigint, bigint>()
  readonly #accepted = new Map<bigint, { datanet: bigint; contentHash: Hex }>()
  readonly #seen = new Set<bigint>()
  /** By contribution: hashes of the chunks that were shown, by index. */
  readonly #chunks = new Map<bigint, Map<number, Hex>>()
  readonly #founderOf = new Map<bigint, bigint>()
  readonly #parent = new Map<bigint, bigint>()
  readonly #gone = new Set<bigint>()
  readonly #goneClusters = new Set<bigint>()

  constructor(events: Iterable<ClusterEvent>) {
    for (const event of events) this.#follow(event)
  }

  /** The cluster that stands for a cluster: itself, until it is merged into another. Throws {@link CorpusError} at a circle. */
  canonical(cluster: bigint): bigint {
    let at = cluster
    for (let step = 0; step <= LONGEST_WAY; step++) {
      const parent = this.#parent.get(at)
      if (parent === undefined) return at
      at = parent
    }
    throw new CorpusError(
      `cluster ${cluster} was merged more than ${LONGEST_WAY} times: the node's logs cannot be true`,
    )
  }

  /** Accepted contributions to these Datanets whose content anybody has, in the order in which they were accepted. */
  contributions(datanets: readonly bigint[]): CorpusContribution[] {
    return [...this.#accepted]
      .filter(([id, { datanet }]) => datanets.includes(datanet) && this.#seen.has(id))
      .map(([id, { datanet, contentHash }]) => {
        const chunks = this.#chunks.get(id)
        const cluster = ClusterId(this.canonical(this.#clusterOf.get(id)!))
        const contribution = { id: ContributionId(id), datanet: DatanetId(datanet), cluster, contentHash }
        return chunks ? { ...contribution, chunks: inOrder(chunks) } : contribution
      })
  }

  withdrawn(): Withdrawn & { merged: ReadonlyMap<bigint, bigint> } {
    const merged = new Map([...this.#parent.keys()].map((cluster) => [cluster, this.canonical(cluster)]))
    return { contributions: new Set(this.#gone), clusters: new Set(this.#goneClusters), merged }
  }

  #follow({ eventName, args }: ClusterEvent): void {
    if (eventName === 'Contributed') {
      const { contribution, cluster, founder, datanet, contentHash } = args
      this.#clusterOf.set(contribution, cluster)
      this.#accepted.set(contribution, { datanet, contentHash })
      if (founder) this.#lead(contribution, cluster)
    } else if (eventName === 'ContentSeen') {
      this.#seen.add(args.contribution)
    } else if (eventName === 'ChunkShown') {
      const chunks = this.#chunks.get(args.contribution) ?? new Map<number, Hex>()
      this.#chunks.set(args.contribution, chunks.set(args.index, args.chunkHash))
    } else if (eventName === 'ClusterAppealed') {
      this.#clusterOf.set(args.contribution, args.founded)
      this.#lead(args.contribution, args.founded)
    } else if (eventName === 'ClustersMerged') {
      this.#merge(args)
    } else {
      this.#takeBack(args.contribution)
    }
  }

  #lead(contribution: bigint, cluster: bigint): void {
    this.#founderOf.set(cluster, contribution)
    this.#goneClusters.delete(cluster)
  }

  /** A member's end leaves its cluster as it is, and a proposal has none. */
  #takeBack(contribution: bigint): void {
    this.#gone.add(contribution)
    const joined = this.#clusterOf.get(contribution)
    if (joined === undefined) return
    const cluster = this.canonical(joined)
    if (this.#founderOf.get(cluster) === contribution) this.#goneClusters.add(cluster)
  }

  /** Whether the cluster is withdrawn follows its new leader's. */
  #merge({ kept, merged, founder }: { kept: bigint; merged: bigint; founder: bigint }): void {
    const gone = this.#goneClusters.has(this.#founderOf.get(kept) === founder ? kept : merged)
    this.#parent.set(merged, kept)
    this.#founderOf.set(kept, founder)
    this.#goneClusters.delete(merged)
    if (gone) this.#goneClusters.add(kept)
    else this.#goneClusters.delete(kept)
  }
}

function inOrder(chunks: ReadonlyMap<number, Hex>): Hex[] {
  return [...chunks].sort(([a], [b]) => a - b).map(([, hash]) => hash)
}
