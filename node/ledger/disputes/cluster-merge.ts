/**
 * Challenge 6 (docs/protocol.md, "Challenges"): two rows of a live version whose signs agree in 85 % or more are the
 * same work. Of two clusters: these become one. The earlier commitment leads; the later founder's kept bond goes to the
 * reporter. The cluster with the longer way under it takes the other, so ways stay short whatever is merged.
 * Of one cluster: the publisher should have made the later row void, and the version fails.
 */
import { NATIVE } from '../../../genesis/addresses.ts'
import type { Row } from '../../../protocol/row.ts'
import { agreeingSigns, areSame } from '../../../protocol/same-rows.ts'
import { face } from '../attribution/attribution-face.ts'
import type { CallContext } from '../calls/context.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { face as datanetFace } from '../datanets/datanet-face.ts'
import {
  canonicalCluster,
  clusterLayout,
  clusterPlace,
  mergeLayout,
  mergePlace,
  standingLayout,
  standingPlace,
} from '../datanets/datanet-records.ts'
import { burnTakenUnits } from '../datanets/shares.ts'
import { failVersion } from '../models/version-standing.ts'

type Consequence = { fault: string; apply(): void }

/** What follows from two rows of a version; undefined where nothing does. Throws where nothing can. */
export function judgeSame(context: CallContext, version: bigint, one: Row, other: Row): Consequence | undefined {
  if (one.index === other.index) throw face.error('InvalidField', ['other', `is row ${one.index} again`])
  return one.cluster === other.cluster
    ? judgePublisher(context, version, one, other)
    : judgeClusters(context, one, other)
}

const agreement = (one: Row, other: Row) =>
  `rows ${one.index} and ${other.index} agree in ${agreeingSigns(one.signs, other.signs)} signs`

/** A cluster has rows of one contribution, and none of them repeats another: that is for the publisher to see to. */
function judgePublisher(context: CallContext, version: bigint, one: Row, other: Row): Consequence | undefined {
  const fault =
    one.contribution !== other.contribution
      ? `rows ${one.index} and ${other.index} are of two contributions to cluster ${one.cluster}`
      : areSame(one, other)
        ? `${agreement(one, other)}, in one cluster`
        : undefined
  return fault === undefined ? undefined : { fault, apply: () => failVersion(context, version, context.call.caller) }
}

/** Two works that say the same become one. */
function judgeClusters(context: CallContext, one: Row, other: Row): Consequence | undefined {
  const left = canonicalCluster(context, one.cluster)
  const right = canonicalCluster(context, other.cluster)
  if (left === right) throw face.error('InvalidField', ['other', `is in cluster ${left} already`])
  const datanets = [left, right].map((id) => readRecord(context, clusterPlace(context, id), clusterLayout).datanet)
  if (datanets[0] === 0n || datanets[0] !== datanets[1])
    throw face.error('InvalidField', ['other', 'its cluster is of another Datanet'])
  if (!areSame(one, other)) return undefined
  return { fault: agreement(one, other), apply: () => mergeClusters(context, left, right) }
}

function mergeClusters(context: CallContext, left: bigint, right: bigint): void {
  const ids = [left, right] as const
  const records = ids.map((id) => readRecord(context, clusterPlace(context, id), clusterLayout))
  const heights = ids.map((id) => readRecord(context, mergePlace(context, id), mergeLayout, ['height']).height)
  const earlier = records[0]!.sequence <= records[1]!.sequence ? 0 : 1
  const leader = records[earlier]!
  const follower = records[1 - earlier]!
  const kept = heights[0]! > heights[1]! || (heights[0] === heights[1] && earlier === 0) ? 0 : 1
  const [keptId, mergedId] = [ids[kept]!, ids[1 - kept]!]
  const block = context.call.block.number

  burnTakenUnits(context, follower)
  writeRecord(context, clusterPlace(context, mergedId), clusterLayout, { units: 0n })
  writeRecord(context, clusterPlace(context, keptId), clusterLayout, {
    founder: leader.founder,
    members: records[0]!.members + records[1]!.members,
    withdrawnAt: leader.withdrawnAt,
    payee: leader.payee,
    units: leader.units,
    sequence: leader.sequence,
    seen: leader.seen,
  })
  const taller = heights[kept] === heights[1 - kept] ? 1n : 0n
  const reinstated = records[kept]!.withdrawnAt !== 0n && leader.withdrawnAt === 0n
  writeRecord(context, mergePlace(context, keptId), mergeLayout, {
    height: heights[kept]! + taller,
    ...(reinstated && { reinstatedAt: block }),
  })
  writeRecord(context, mergePlace(context, mergedId), mergeLayout, { parent: keptId, mergedAt: block })
  const { founder, payee } = leader
  datanetFace.emit(context, 'ClustersMerged', { kept: keptId, merged: mergedId, founder, payee })
  rewardReporter(context, follower.founder)
}

/** The later founder's kept bond goes to who reported it. */
function rewardReporter(context: CallContext, contribution: bigint): void {
  const place = standingPlace(context, contribution)
  const { bond } = readRecord(context, place, standingLayout, ['bond'])
  if (bond === 0n) return
  writeRecord(context, place, standingLayout, { bond: 0n })
  context.transfer(NATIVE.datanets, context.call.caller, bond)
}
