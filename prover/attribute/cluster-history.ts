/**
 * What has become of contributions and their clusters, told by Datanets' logs alone (docs/protocol.md, "Datanets" and
 * "Challenges"). Five events say all of it:
 *
 *     Contributed      accepted, into a cluster; a founder leads it from here on (and brings it back, if it was withdrawn)
 *     Withdrawn        taken back by its contributor, with its cluster if it leads that; of a proposal too, which has none
 *     Refuted          disproved by a chunk: the same
 *     ClusterAppealed  left its cluster and founded one of its own
 *     ClustersMerged   two clusters are one, led by the founder of one of the two
 *
 * Proposed and Rejected are not needed: Contributed is logged when a proposal is accepted, and never for a rejected one.
 */
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { CorpusError, type Withdrawn } from './corpus.ts'

const NAMES = ['Contributed', 'Withdrawn', 'Refuted', 'ClusterAppealed', 'ClustersMerged'] as const
type EventName = (typeof NAMES)[number]
type EventItem = Extract<(typeof datanetsAbi)[number], { type: 'event'; name: EventName }>

const isHistoric = (item: (typeof datanetsAbi)[number]): item is EventItem =>
  item.type === 'event' && NAMES.some((name) => name === item.name)

/** The events that {@link ClusterHistory} follows. */
export const CLUSTER_EVENTS: readonly EventItem[] = datanetsAbi.filter(isHistoric)

/** What {@link ClusterHistory} needs of each. */
export type ClusterEvent =
  | { eventName: 'Contributed'; args: { contribution: bigint; cluster: bigint; founder: boolean } }
  | { eventName: 'Withdrawn' | 'Refuted'; args: { contribution: bigint } }
  | { eventName: 'ClusterAppealed'; args: { contribution: bigint; founded: bigint } }
  | { eventName: 'ClustersMerged'; args: { kept: bigint; merged: bigint; founder: bigint } }

/** Of a log, what {@link ClusterHistory} needs: many are kept for long. */
export function clusterEvent({ eventName, args }: ClusterEvent): ClusterEvent {
  if (eventName === 'Contributed') {
    const { contribution, cluster, founder } = args
    return { eventName, args: { contribution, cluster, founder } }
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

  /** The cluster of a contribution; undefined where it was never accepted. */
  clusterOf(contribution: bigint): bigint | undefined {
    const cluster = this.#clusterOf.get(contribution)
    return cluster === undefined ? undefined : this.canonical(cluster)
  }

  withdrawn(): Withdrawn & { merged: ReadonlyMap<bigint, bigint> } {
    const merged = new Map([...this.#parent.keys()].map((cluster) => [cluster, this.canonical(cluster)]))
    return { contributions: new Set(this.#gone), clusters: new Set(this.#goneClusters), merged }
  }

  #follow({ eventName, args }: ClusterEvent): void {
    if (eventName === 'Contributed') {
      this.#clusterOf.set(args.contribution, args.cluster)
      if (args.founder) this.#lead(args.contribution, args.cluster)
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
    const cluster = this.clusterOf(contribution)
    if (cluster !== undefined && this.#founderOf.get(cluster) === contribution) this.#goneClusters.add(cluster)
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
