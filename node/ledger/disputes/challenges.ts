/**
 * Challenges that are decided at once (docs/protocol.md, "Challenges"): a wrong score (1), an omitted row (2), a false
 * receipt (5), two rows that are the same (6). One row, one path and the query are a whole proof.
 */
import type { Hex } from 'viem'
import { CHALLENGE } from '../../../genesis/abi/attribution.ts'
import { GAS } from '../../../genesis/gas.ts'
import { sameSubject } from '../../../protocol/challenge.ts'
import { precedes } from '../../../protocol/entries.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { type AnswerReceipt, receiptDigest, receiptFault } from '../../../protocol/receipt.ts'
import type { Row } from '../../../protocol/row.ts'
import { rawScore, threshold } from '../../../protocol/score.ts'
import { recoverSigner } from '../../execution/signature.ts'
import { type AttributionHandlers, face } from '../attribution/attribution-face.ts'
import type { CallContext } from '../calls/context.ts'
import { readRecord } from '../calls/storage-layout.ts'
import { canonicalCluster, clusterLayout, clusterPlace, mergeLayout, mergePlace } from '../datanets/datanet-records.ts'
import { runDatanets } from '../models/model-records.ts'
import { versionStanding } from '../models/version-standing.ts'
import { committedChallenge, decide } from './challenge-bond.ts'
import { type OpenClaim, openClaim, undoClaim } from './claims.ts'
import { judgeSame } from './cluster-merge.ts'
import { knownVersion, shownQuery, shownRow, type Version } from './evidence.ts'
import { settleDemand } from './openings.ts'

/** Why a leaf's entry is not what its row gives under the query, or undefined. */
function scoreFault(context: CallContext, leaf: Leaf, index: number, row: Row, query: Int8Array): string | undefined {
  const entry = leaf.entries[index]!
  const raw = rawScore(row.signs, query)
  if (entry.raw !== raw) return `entry ${index} has raw ${entry.raw}, its row gives ${raw}`
  if (entry.scale !== row.scale) return `entry ${index} has scale ${entry.scale}, its row ${row.scale}`
  if (entry.cluster !== row.cluster) return `entry ${index} has cluster ${entry.cluster}, its row ${row.cluster}`
  // Refused at settlement, but for a merge later in that block.
  const first = representing(context, leaf, row.cluster)
  if (first && first.cluster !== row.cluster) return `entry ${index} is of the cluster that row ${first.row} stands for`
  return undefined
}

/** The leaf's first entry whose cluster was one with the given one after block asOf. */
function representing(context: CallContext, leaf: Leaf, cluster: bigint): Leaf['entries'][number] | undefined {
  const canonical = canonicalCluster(context, cluster, leaf.asOf)
  const known = new Map<bigint, boolean>()
  return leaf.entries.find(({ cluster: own }) => {
    const isOne = known.get(own) ?? canonicalCluster(context, own, leaf.asOf) === canonical
    known.set(own, isOne)
    return isOne
  })
}

/** Whether a row's cluster was there to be listed by block asOf. In doubt it was not. */
function wasListable(context: CallContext, version: Version, cluster: bigint, asOf: bigint): boolean {
  const record = readRecord(context, clusterPlace(context, cluster), clusterLayout, ['datanet', 'withdrawnAt'])
  const { reinstatedAt } = readRecord(context, mergePlace(context, cluster), mergeLayout, ['reinstatedAt'])
  if (record.withdrawnAt !== 0n && record.withdrawnAt <= asOf) return false
  if (reinstatedAt > asOf) return false
  return runDatanets(context, version.run).some(({ datanet }) => datanet === record.datanet)
}

/** Why the leaf should have listed the row, or undefined. */
function omissionFault(
  context: CallContext,
  { leaf, claim }: OpenClaim,
  version: Version,
  row: Row,
  query: Int8Array,
): string | undefined {
  const raw = rawScore(row.signs, query)
  if (BigInt(raw) <= threshold(claim.thresholdZ, Number(version.dims))) return undefined
  if (row.scale < 1 || BigInt(row.scale) > claim.maxScaleFactor * version.medianScale) return undefined
  if (!wasListable(context, version, canonicalCluster(context, row.cluster, leaf.asOf), leaf.asOf)) return undefined
  if (leaf.entries.some((entry) => entry.row === row.index)) return undefined
  const shown = { row: row.index, raw, scale: row.scale }
  const first = representing(context, leaf, row.cluster)
  if (first && first.cluster !== row.cluster)
    return precedes(shown, first)
      ? `row ${row.index} precedes row ${first.row}, which stands for its cluster`
      : undefined
  if (leaf.entries.length < claim.maxEntries) return `row ${row.index} passes theta and is not listed`
  const last = leaf.entries.at(-1)!
  return precedes(shown, last) ? `row ${row.index} precedes the last entry and is not listed` : undefined
}

/** The prover must have signed the receipt of this request. */
function checkSigned(context: CallContext, { leaf, settlement }: OpenClaim, receipt: AnswerReceipt, signature: Hex) {
  if (receipt.channel !== leaf.channel || receipt.n !== leaf.n)
    throw face.error('InvalidField', ['receipt', 'is of another request'])
  context.charge(GAS.recoverSigner)
  const signer = recoverSigner(receiptDigest(Number(context.call.block.chainId), receipt), signature)
  if (signer !== settlement.prover) throw face.error('InvalidField', ['signature', 'is not the prover’s'])
}

/** Undoes the claim for the caller, with the demand that may be open on it. */
function undo(context: CallContext, open: OpenClaim): void {
  undoClaim(context, open, context.call.caller)
  settleDemand(context, open)
}

type Challenges = Pick<
  AttributionHandlers,
  'challengeScore' | 'challengeOmission' | 'challengeReceipt' | 'challengeSame'
>

export const challenges: Challenges = {
  challengeScore(context, [claimHex, leaf, entry, queryHex, evidence, salt]) {
    const open = openClaim(context, claimHex, leaf)
    const { request: subject } = open
    const committed = committedChallenge(context, subject, salt)
    if (entry >= leaf.entries.length)
      throw face.error('InvalidField', ['entry', `must be below ${leaf.entries.length}, got ${entry}`])
    const { query, fault } = shownQuery(context, leaf.queryHash, queryHex)
    const row = shownRow(context, knownVersion(context, leaf.version), evidence, 'evidence')
    if (row.index !== leaf.entries[entry]!.row)
      throw face.error('InvalidField', ['evidence', `is row ${row.index}, the entry's is ${leaf.entries[entry]!.row}`])
    context.charge(GAS.rowProduct)
    const found = fault ?? scoreFault(context, leaf, entry, row, query)
    return decide(context, { number: CHALLENGE.score, subject, committed }, found, () => undo(context, open))
  },

  challengeOmission(context, [claimHex, leaf, queryHex, evidence, salt]) {
    const open = openClaim(context, claimHex, leaf)
    const { request: subject } = open
    const committed = committedChallenge(context, subject, salt)
    const { query, fault } = shownQuery(context, leaf.queryHash, queryHex)
    const version = knownVersion(context, leaf.version)
    const row = shownRow(context, version, evidence, 'evidence')
    context.charge(GAS.rowProduct)
    const found = fault ?? omissionFault(context, open, version, row, query)
    return decide(context, { number: CHALLENGE.omission, subject, committed }, found, () => undo(context, open))
  },

  challengeReceipt(context, [claimHex, leaf, receipt, signature, salt]) {
    const open = openClaim(context, claimHex, leaf)
    const { request: subject } = open
    const committed = committedChallenge(context, subject, salt)
    checkSigned(context, open, receipt, signature)
    const fault = receiptFault(receipt, leaf)
    return decide(context, { number: CHALLENGE.receipt, subject, committed }, fault, () => undo(context, open))
  },

  challengeSame(context, [id, one, other, salt]) {
    const version = knownVersion(context, id)
    if (version.liveAt === 0n || context.now < version.liveAt || versionStanding(context, id).failedAt !== 0n)
      throw face.error('VersionNotLive', [id])
    const left = shownRow(context, version, one, 'one')
    const right = shownRow(context, version, other, 'other')
    const subject = sameSubject(id, left.index, right.index)
    const committed = committedChallenge(context, subject, salt)
    context.charge(GAS.rowProduct)
    const found = judgeSame(context, id, left, right)
    return decide(context, { number: CHALLENGE.same, subject, committed }, found?.fault, () => found?.apply())
  },
}
