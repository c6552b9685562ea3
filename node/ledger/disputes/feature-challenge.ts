/**
 * Challenge 4 (docs/protocol.md, "Challenges"): a wrong query, a wrong feature row, a wrong block of a version's curvature. Whoever holds
 * the public contents recomputes it by the reference kernel; the chain cannot, so a drawn committee says what its hash is
 * (committee.ts), anybody then shows the bytes under that hash, and the chain compares them with what was committed.
 */
import type { Hex } from 'viem'
import { CHALLENGE, CLAIM_STATUS, ROUND_STATUS } from '../../../genesis/abi/attribution.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { FEATURE_KIND, featureSubject, WHOLE_CURVATURE } from '../../../protocol/challenge.ts'
import { decodeFeature, FEATURE_BYTES, queryFault, rowFault } from '../../../protocol/feature-tolerance.ts'
import { merkleLeaf } from '../../../protocol/merkle.ts'
import { DIMS, decodeRow, rowLeaf } from '../../../protocol/row.ts'
import { type AttributionHandlers, face } from '../attribution/attribution-face.ts'
import type { CallContext } from '../calls/context.ts'
import { bytesOf, hexOf } from '../calls/face.ts'
import { readRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { failVersion, versionStanding } from '../models/version-standing.ts'
import { dueNow } from '../payouts/pending.ts'
import { committedChallenge, takeBond } from './challenge-bond.ts'
import { openClaim, resumeClaim, suspendClaim, undoClaim } from './claims.ts'
import { decidedHash, endRound, knownRound, openRound, toTreasury } from './committee.ts'
import type { Round } from './committee-records.ts'
import { subjectLayout, subjectPlace } from './committee-records.ts'
import { knownVersion, shownQueryOrVoid, shownRow, type Version } from './evidence.ts'

/** curvatureHash = keccak(header ‖ hash of each block): prover/features/curvature.ts. */
const CURVATURE_HEADER_BYTES = 30

/** A version that no proof has failed. */
function standingVersion(context: CallContext, id: bigint): Version {
  const version = knownVersion(context, id)
  if (versionStanding(context, id).failedAt !== 0n) throw face.error('InvalidField', ['version', 'has failed already'])
  return version
}

/** The hash that the version commits to for one block of its curvature, out of the bytes under its curvatureHash. */
function committedBlock(context: CallContext, version: Version, block: number, partsHex: Hex): Hex {
  const parts = bytesOf(partsHex)
  if (block === WHOLE_CURVATURE && parts.length === 0) return version.curvatureHash
  if (hexOf(context.keccak(parts)) !== version.curvatureHash)
    throw face.error('InvalidField', ['parts', "are not under the version's curvatureHash"])
  const start = CURVATURE_HEADER_BYTES + 32 * block
  const hash = parts.subarray(start, start + 32)
  if (hash.length !== 32) throw face.error('InvalidField', ['blockIndex', `${block} is not among the parts`])
  return hexOf(hash)
}

/** A round about the given kind that is there to be decided. */
function roundAbout(context: CallContext, id: bigint, kind: number): Round {
  const round = knownRound(context, id)
  if (Number(round.kind) !== kind)
    throw face.error('InvalidField', ['round', `is about kind ${round.kind}, not ${kind}`])
  return round
}

/** The bytes under the decided hash. */
function shownVector(context: CallContext, round: Round, vectorHex: Hex): { decided: Hex; vector: Uint8Array } {
  const decided = decidedHash(context, round)
  const vector = bytesOf(vectorHex)
  if (hexOf(context.keccak(vector)) !== decided)
    throw face.error('InvalidField', ['vector', 'is not under the decided hash'])
  return { decided, vector }
}

/** Ends a decided round: with a fault `consequence` follows and the rest of the bond returns; without one it is the treasury's. */
function conclude(
  context: CallContext,
  round: Round,
  decided: Hex,
  fault: string | undefined,
  consequence: () => void,
): boolean {
  const { subject, challenger, bond } = round
  const outcome = { subject, challenger, challenge: CHALLENGE.feature }
  const status = fault === undefined ? ROUND_STATUS.failed : ROUND_STATUS.upheld
  const left = endRound(context, round, { status, decided })
  if (fault === undefined) {
    toTreasury(context, left)
    face.emit(context, 'ChallengeFailed', { ...outcome, bondLost: bond })
    return false
  }
  context.transfer(NATIVE.attribution, challenger, left)
  face.emit(context, 'ChallengeUpheld', { ...outcome, fault })
  consequence()
  return true
}

type FeatureChallenges = Pick<
  AttributionHandlers,
  | 'challengeQuery'
  | 'challengeRow'
  | 'challengeCurvature'
  | 'decideQuery'
  | 'decideRow'
  | 'decideCurvature'
  | 'releaseClaim'
>

export const featureChallenges: FeatureChallenges = {
  challengeQuery(context, [claimHex, leaf, salt]) {
    const open = openClaim(context, claimHex, leaf)
    const { request: subject } = open
    const committed = committedChallenge(context, subject, salt)
    if (open.status !== CLAIM_STATUS.opened) throw face.error('NotRevealed', [subject])
    const bond = takeBond(context, committed)
    suspendClaim(context, open, CLAIM_STATUS.questioned)
    const kind = BigInt(FEATURE_KIND.query)
    return openRound(context, { kind, version: leaf.version, subject, committed: leaf.queryHash, bond, index: 0 })
  },

  challengeRow(context, [version, evidence, salt]) {
    const row = shownRow(context, standingVersion(context, version), evidence, 'evidence')
    const subject = featureSubject(FEATURE_KIND.row, version, row.index)
    const bond = takeBond(context, committedChallenge(context, subject, salt))
    const kind = BigInt(FEATURE_KIND.row)
    const committed = hexOf(rowLeaf(row))
    return openRound(context, { kind, version, subject, committed, bond, index: row.index })
  },

  challengeCurvature(context, [version, block, parts, salt]) {
    const committed = committedBlock(context, standingVersion(context, version), block, parts)
    const subject = featureSubject(FEATURE_KIND.curvature, version, block)
    const bond = takeBond(context, committedChallenge(context, subject, salt))
    const kind = BigInt(FEATURE_KIND.curvature)
    return openRound(context, { kind, version, subject, committed, bond, index: block })
  },

  decideQuery(context, [id, claimHex, leaf, queryHex, vectorHex]) {
    const round = roundAbout(context, id, FEATURE_KIND.query)
    const open = openClaim(context, claimHex, leaf)
    if (open.request !== round.subject) throw face.error('InvalidField', ['leaf', 'is not the round’s request'])
    const query = shownQueryOrVoid(context, leaf.queryHash, queryHex)
    const { decided, vector } = shownVector(context, round, vectorHex)
    if (vector.length !== 0 && vector.length !== DIMS)
      throw face.error('InvalidField', ['vector', `must have 0 or ${DIMS} bytes, has ${vector.length}`])
    context.charge(GAS.rowProduct)
    const fault = queryFault(query, new Int8Array(vector.buffer, vector.byteOffset, vector.length))
    const upheld = conclude(context, round, decided, fault, () => undoClaim(context, open, round.challenger))
    if (!upheld) resumeClaim(context, open, dueNow(context, parameter(context, 'window')))
    return upheld
  },

  decideRow(context, [id, rowHex, vectorHex]) {
    const round = roundAbout(context, id, FEATURE_KIND.row)
    const bytes = bytesOf(rowHex)
    context.charge(GAS.keccak)
    context.chargeWords(GAS.keccakWord, 1 + bytes.length)
    if (hexOf(merkleLeaf(bytes)) !== round.committed)
      throw face.error('InvalidField', ['row', 'is not the row that was challenged'])
    const { decided, vector } = shownVector(context, round, vectorHex)
    if (vector.length !== FEATURE_BYTES)
      throw face.error('InvalidField', ['vector', `must have ${FEATURE_BYTES} bytes, has ${vector.length}`])
    context.charge(GAS.rowProduct)
    const fault = rowFault(decodeRow(bytes), decodeFeature(vector))
    return conclude(context, round, decided, fault, () => failVersion(context, round.version, round.challenger))
  },

  decideCurvature(context, [id]) {
    const round = roundAbout(context, id, FEATURE_KIND.curvature)
    const decided = decidedHash(context, round)
    // The kernel is bit-exact, and a float has no tolerance that a hash could show: another hash is another curvature.
    const fault = decided === round.committed ? undefined : `its hash is ${decided}`
    return conclude(context, round, decided, fault, () => failVersion(context, round.version, round.challenger))
  },

  releaseClaim(context, [claimHex, leaf]) {
    const open = openClaim(context, claimHex, leaf)
    const { request } = open
    const { round, decided } = readRecord(context, subjectPlace(context, request), subjectLayout)
    if (open.status !== CLAIM_STATUS.questioned || (round !== 0n && !decided))
      throw face.error('NotHeld', [request, round])
    resumeClaim(context, open, dueNow(context, parameter(context, 'window')))
  },
}
