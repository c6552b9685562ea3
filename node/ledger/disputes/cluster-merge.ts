/**
 * Challenge 6 (docs/protocol.md, "Challenges"): two rows of a live version whose signs agree in 85 % or more are the
 * same work, so their clusters become one. The earlier commitment leads; the later founder's kept bond goes to the
 * reporter. The cluster with the longer way under it takes the other, so ways stay short whatever is merged.
 */
import { NATIVE } from '../../../genesis/addresses.ts'
import type { Row } from '../../../protocol/row.ts'
import { face } from '../attribution/attribution-face.ts'
import type { CallContext } from '../calls/context.ts'
import { readRecord, writeRecord } from '../calls/storage-layout.ts'
import { face as datanetFace } from '../datanets/datanet-face.ts'
import {
  canonicalCluster,
  changeUnits,
  clusterLayout,
  clusterPlace,
  mergeLayout,
  mergePlace,
  standingLayout,
  standingPlace,
} from '../datanets/datanet-records.ts'

const SAME_PERCENT = 85

/** How many signs of two rows agree. */
export function agreeingSigns(one: Uint8Array, other: Uint8Array): number {
  let agreeing = 0
  for (let i = 0; i < one.length; i++) {
    let bits = ~(one[i]! ^ other[i]!) & 0xff
    for (; bits !== 0; bits &= bits - 1) agreeing++
  }
  return agreeing
}

/** What follows where the two rows are the same; undefined where they are not. Throws where there is nothing to merge. */
export function mergeSame(context: CallContext, one: Row, other: Row): { fault: string; apply(): void } | undefined {
  const left = canonicalCluster(context, one.cluster)
  const right = canonicalCluster(context, other.cluster)
  if (left === right) throw face.error('InvalidField', ['other', `is in cluster ${left} already`])
  const datanets = [left, right].map((id) => readRecord(context, clusterPlace(context, id), clusterLayout).datanet)
  if (datanets[0] === 0n || datanets[0] !== datanets[1])
    throw face.error('InvalidField', ['other', 'its cluster is of another Datanet'])
  const agreeing = agreeingSigns(one.signs, other.signs)
  if (100 * agreeing < SAME_PERCENT * 8 * one.signs.length) return undefined
  const fault = `rows ${one.index} and ${other.index} agree in ${agreeing} signs`
  return { fault, apply: () => mergeClusters(context, left, right) }
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

  changeUnits(context, follower.datanet, follower.payee, -follower.units)
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
