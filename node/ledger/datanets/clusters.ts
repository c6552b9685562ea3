/**
 * Clusters of near-duplicates at the door (docs/protocol.md, "Datanets"): a contribution joins the
 * cluster whose founder's MinHash agrees most with its own, if enough of it agrees; else it founds one.
 * Work is bounded: eight bands, at most four clusters remembered for each band's key.
 *
 * Who founds: the member with the earliest commitment. A later arrival with an earlier commitment takes
 * the founder's place, with the share units, but only with content that the node has seen or that is
 * the founder's own, byte for byte: a MinHash that is merely claimed takes nothing from anybody.
 * For the same reason content that the node has seen never joins a founder that it has not.
 */
import type { Address } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { bandKeys, MINHASH_SIZE, matchingValues } from '../../../protocol/minhash.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { invalidField } from '../calls/revert.ts'
import { type RecordOf, readRecord, slotAfter, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import {
  bandPlace,
  canonicalCluster,
  clusterLayout,
  clusterPlace,
  contributionPlace,
  contributionTail,
  counters,
  countersLayout,
  datanetLayout,
  datanetPlace,
  mergeLayout,
  mergePlace,
} from './datanet-records.ts'
import { burnOwnUnits, burnTakenUnits, mintUnits } from './shares.ts'

/** A contribution at the door. */
export type Arrival = {
  contribution: bigint
  datanet: bigint
  contributor: Address
  /** Of its commitment. */
  sequence: bigint
  size: bigint
  minhash: Uint32Array
  /** Whether the node has computed the MinHash from the content itself. */
  seen: boolean
  /** The contribution with the same content and a later commitment, and its cluster. */
  sameContent: { contribution: bigint; cluster: bigint } | undefined
}

type Cluster = RecordOf<typeof clusterLayout>

const BAND_SLOTS = 4n
const VALUES_PER_WORD = 8
/** A share unit stands for so many bytes of accepted text, about a token. */
const BYTES_PER_UNIT = 4n

/** Puts a contribution into a cluster; says which, and whether it is the founder there. */
export function admit(context: CallContext, arrival: Arrival): { cluster: bigint; founder: boolean } {
  const same = foundedOnSame(context, arrival)
  const id = same ?? nearestCluster(context, arrival)
  if (id === undefined) return { cluster: found(context, arrival), founder: true }
  const place = clusterPlace(context, id)
  const cluster = readRecord(context, place, clusterLayout)
  writeRecord(context, place, clusterLayout, { members: cluster.members + 1n })
  const mayLead = arrival.seen || same !== undefined
  if (!mayLead || arrival.sequence >= cluster.sequence) return { cluster: id, founder: false }
  takeLead(context, arrival, id, cluster)
  return { cluster: id, founder: true }
}

/**
 * The cluster that the very same content founds; undefined where there is none. The same content in a mere member
 * says nothing: a claim puts any hash into any cluster. Where the founder's content has been seen its MinHash is
 * known, and who has the same content has the same MinHash.
 */
function foundedOnSame(context: CallContext, arrival: Arrival): bigint | undefined {
  if (!arrival.sameContent) return undefined
  const { contribution, cluster } = arrival.sameContent
  const id = canonicalCluster(context, cluster)
  const { founder, seen } = readRecord(context, clusterPlace(context, id), clusterLayout, ['founder', 'seen'])
  if (founder !== contribution) return undefined
  if (seen && !arrival.seen) {
    context.charge(GAS.minhashCompare)
    const known = readMinhash(context, contributionTail(contributionPlace(context, founder)).minhash)
    if (matchingValues(arrival.minhash, known) !== MINHASH_SIZE)
      throw invalidField('minhash', 'must be that of the same content, which has been seen')
  }
  return id
}

/** Founds a cluster of the contribution's own. */
export function found(context: CallContext, arrival: Arrival): bigint {
  const { clusters } = readRecord(context, counters, countersLayout, ['clusters'])
  const id = clusters + 1n
  writeRecord(context, counters, countersLayout, { clusters: id })
  const datanet = datanetPlace(context, arrival.datanet)
  const { clusters: ofDatanet } = readRecord(context, datanet, datanetLayout, ['clusters'])
  writeRecord(context, datanet, datanetLayout, { clusters: ofDatanet + 1n })
  const units = arrival.seen ? unitsOf(arrival.size) : 0n
  writeRecord(context, clusterPlace(context, id), clusterLayout, {
    datanet: arrival.datanet,
    founder: arrival.contribution,
    members: 1n,
    payee: arrival.contributor,
    units,
    sequence: arrival.sequence,
    seen: arrival.seen,
  })
  mintUnits(context, arrival.datanet, arrival.contributor, units)
  remember(context, arrival, id)
  return id
}

/**
 * The founder's withdrawal withdraws its cluster, from this block on; that of a member changes nothing. One that is
 * withdrawn against its payee's will (`forced`) ends even where its share units have been sold.
 */
export function withdrawFounder(context: CallContext, contribution: bigint, ofCluster: bigint, forced = false): void {
  const place = clusterPlace(context, canonicalCluster(context, ofCluster))
  const cluster = readRecord(context, place, clusterLayout)
  if (cluster.founder !== contribution) return
  if (forced) burnTakenUnits(context, cluster)
  else burnOwnUnits(context, cluster)
  writeRecord(context, place, clusterLayout, { withdrawnAt: context.call.block.number, units: 0n })
}

/** A founder's content has been seen at last: its cluster's units are minted. */
export function markSeen(context: CallContext, contribution: bigint, ofCluster: bigint, size: bigint): void {
  const place = clusterPlace(context, canonicalCluster(context, ofCluster))
  const cluster = readRecord(context, place, clusterLayout)
  if (cluster.founder !== contribution || cluster.seen || cluster.withdrawnAt !== 0n) return
  const units = unitsOf(size)
  mintUnits(context, cluster.datanet, cluster.payee, units)
  writeRecord(context, place, clusterLayout, { units, seen: true })
}

/** The arrival becomes the founder, and its contributor the payee from now on; what was credited before stays. */
function takeLead(context: CallContext, arrival: Arrival, id: bigint, cluster: Cluster): void {
  const units = arrival.seen ? unitsOf(arrival.size) : cluster.units
  if (cluster.withdrawnAt !== 0n)
    writeRecord(context, mergePlace(context, id), mergeLayout, { reinstatedAt: context.call.block.number })
  burnTakenUnits(context, cluster)
  mintUnits(context, arrival.datanet, arrival.contributor, units)
  writeRecord(context, clusterPlace(context, id), clusterLayout, {
    founder: arrival.contribution,
    withdrawnAt: 0n,
    payee: arrival.contributor,
    units,
    sequence: arrival.sequence,
    seen: arrival.seen || cluster.seen,
  })
  remember(context, arrival, id)
}

function unitsOf(size: bigint): bigint {
  return (size + BYTES_PER_UNIT - 1n) / BYTES_PER_UNIT
}

/** The cluster that agrees most, the lowest id among equals; undefined where none agrees enough. */
function nearestCluster(context: CallContext, arrival: Arrival): bigint | undefined {
  const candidates = new Set<bigint>()
  for (const key of bandKeys(arrival.minhash)) {
    context.charge(GAS.keccak + GAS.keccakWord)
    for (const id of bandClusters(context.read(bandPlace(context, arrival.datanet, key)))) candidates.add(id)
  }
  const least = parameter(context, 'clusterJaccardBps')
  let best: { id: bigint; matches: number } | undefined
  for (const candidate of candidates) {
    const { founder, seen } = readRecord(context, clusterPlace(context, candidate), clusterLayout, ['founder', 'seen'])
    if (arrival.seen && !seen) continue
    context.charge(GAS.minhashCompare)
    const place = contributionTail(contributionPlace(context, founder)).minhash
    const matches = matchingValues(arrival.minhash, readMinhash(context, place))
    if (BigInt(matches) * 10_000n < least * BigInt(MINHASH_SIZE)) continue
    const id = canonicalCluster(context, candidate)
    if (!best || matches > best.matches || (matches === best.matches && id < best.id)) best = { id, matches }
  }
  return best?.id
}

/**
 * Lists the cluster under each band of its founder. A full band forgets no founder that the node has seen: the newcomer
 * is not listed there. One that it has not seen gives way to one that it has, so that claims crowd nobody out.
 */
function remember(context: CallContext, arrival: Arrival, cluster: bigint): void {
  for (const key of bandKeys(arrival.minhash)) {
    context.charge(GAS.keccak + GAS.keccakWord)
    const place = bandPlace(context, arrival.datanet, key)
    const word = context.read(place)
    const listed = bandClusters(word)
    if (listed.includes(cluster)) continue
    const slot = BigInt(listed.length) < BAND_SLOTS ? listed.length : arrival.seen ? unseenAmong(context, listed) : -1
    if (slot < 0) continue
    const shift = 64n * BigInt(slot)
    context.write(place, word - ((listed[slot] ?? 0n) << shift) + (cluster << shift))
  }
}

/** Index of the first cluster whose founder the node has not seen; −1 where there is none. */
function unseenAmong(context: CallContext, clusters: readonly bigint[]): number {
  return clusters.findIndex((id) => !readRecord(context, clusterPlace(context, id), clusterLayout, ['seen']).seen)
}

function bandClusters(word: bigint): bigint[] {
  const ids: bigint[] = []
  for (let slot = 0n; slot < BAND_SLOTS; slot++) {
    const id = BigInt.asUintN(64, word >> (64n * slot))
    if (id !== 0n) ids.push(id)
  }
  return ids
}

export function readMinhash(context: CallContext, place: Place): Uint32Array {
  const values = new Uint32Array(MINHASH_SIZE)
  for (let i = 0; i < MINHASH_SIZE; i += VALUES_PER_WORD) {
    const word = context.read(slotAfter(place, BigInt(i / VALUES_PER_WORD)))
    for (let k = 0; k < VALUES_PER_WORD; k++) values[i + k] = Number(BigInt.asUintN(32, word >> BigInt(32 * k)))
  }
  return values
}

export function writeMinhash(context: CallContext, place: Place, values: Uint32Array): void {
  for (let i = 0; i < MINHASH_SIZE; i += VALUES_PER_WORD) {
    let word = 0n
    for (let k = 0; k < VALUES_PER_WORD; k++) word |= BigInt(values[i + k]!) << BigInt(32 * k)
    context.write(slotAfter(place, BigInt(i / VALUES_PER_WORD)), word)
  }
}
