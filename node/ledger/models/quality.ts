/**
 * Measured quality (docs/protocol.md, "Models"): the 95 % lower bound of a version's LDS, by retrainings on drawn subsets.
 * The draw names an L1 block that is not there when the version is published, so that nobody trains for its subsets.
 *
 *     publishVersion ─ names an L1 block ──> drawQuality ─ keeps the seed ──> retrainings, each a run ──> recordQuality
 *                                                                 in force <── the quorum's stake <── attestQuality
 */
import type { Hex } from 'viem'
import type { CallContext } from '../calls/context.ts'
import { hexOf } from '../calls/face.ts'
import { type RecordOf, readRecord, toWord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { l1Number, randomnessOf } from '../payouts/randomness.ts'
import { countStake, validatorStake } from './attestation.ts'
import { face, knownRun, knownVersion, type ModelHandlers, ownModel } from './model-face.ts'
import {
  drawLayout,
  drawPlace,
  isUnreplayable,
  lineageLayout,
  lineagePlace,
  qualityLayout,
  qualityMarkPlace,
  qualityPlace,
  stepCountPlace,
  versionLayout,
  versionPlace,
} from './model-records.ts'
import { checkPublisher, checkStanding } from './version-standing.ts'

const BPS = 10_000
/** Most retrainings of one record. */
const MAX_RETRAININGS = 64
/** What a version counts for at most whose run the reference kernel cannot replay. */
const UNREPLAYABLE_BPS = 5_000n

/** The part of the contributors' pool that goes by entries, in basis points. */
export function qualityBpsOf(
  context: CallContext,
  version: { run: bigint; measured: boolean; qualityBps: bigint },
  unmeasuredQualityBps: bigint,
): bigint {
  const quality = version.measured ? version.qualityBps : unmeasuredQualityBps
  if (quality <= UNREPLAYABLE_BPS || !isUnreplayable(context, version.run)) return quality
  return UNREPLAYABLE_BPS
}

/** Marks a run as one that the reference kernel cannot replay, for good. False where it was before. */
export function flagRun(context: CallContext, run: bigint): boolean {
  if (isUnreplayable(context, run)) return false
  writeRecord(context, lineagePlace(context, run), lineageLayout, { unreplayable: true })
  face.emit(context, 'RunFlagged', { run })
  return true
}

/** Names the L1 block that draws for the version: none that is there yet, however far L2 lags behind L1. */
export function nameDraw(context: CallContext, version: bigint): void {
  const drawing = l1Number(context) + parameter(context, 'drawDelay')
  writeRecord(context, drawPlace(context, version), drawLayout, { l1Number: drawing })
  face.emit(context, 'QualityDrawNamed', { version, l1Number: drawing })
}

/** Versions that one L1 block draws for have seeds of their own. */
function seedOf(context: CallContext, version: bigint, value: bigint): Hex {
  const preimage = new Uint8Array(64)
  preimage.set(toWord(value), 0)
  preimage.set(toWord(version), 32)
  return hexOf(context.keccak(preimage))
}

/** Retrainings are runs of the version's model, opened since the draw, with recorded steps; each counts once. */
function checkRetrainings(context: CallContext, model: bigint, runs: readonly bigint[], drawnAt: bigint): void {
  if (runs.length < 1 || runs.length > MAX_RETRAININGS)
    throw face.error('InvalidField', ['runs', `must be 1 to ${MAX_RETRAININGS}, are ${runs.length}`])
  runs.forEach((run, i) => {
    if (i > 0 && run <= runs[i - 1]!) throw face.error('InvalidField', ['runs', 'must ascend'])
    const record = knownRun(context, run)
    if (record.model !== model) throw face.error('NotRetraining', [run, `is of model ${record.model}`])
    if (record.openedAt < drawnAt) throw face.error('NotRetraining', [run, 'was opened before the draw'])
    if (context.read(stepCountPlace(context, run)) === 0n)
      throw face.error('NotRetraining', [run, 'has no recorded step'])
  })
}

function drawOf(context: CallContext, version: bigint): RecordOf<typeof drawLayout> {
  return readRecord(context, drawPlace(context, version), drawLayout)
}

type Quality = Pick<
  ModelHandlers,
  | 'flagUnreplayable'
  | 'isUnreplayable'
  | 'drawQuality'
  | 'qualitySeed'
  | 'recordQuality'
  | 'attestQuality'
  | 'qualityOf'
>

export const quality: Quality = {
  flagUnreplayable(context, [run]) {
    ownModel(context, knownRun(context, run).model)
    if (!flagRun(context, run)) throw face.error('AlreadyFlagged', [run])
  },

  isUnreplayable(context, [run]) {
    knownRun(context, run)
    return isUnreplayable(context, run)
  },

  drawQuality(context, [version]) {
    knownVersion(context, version)
    const draw = drawOf(context, version)
    if (draw.drawnAt !== 0n) throw face.error('AlreadyDrawn', [version])
    const value = randomnessOf(context, draw.l1Number)
    if (value !== undefined) {
      writeRecord(context, drawPlace(context, version), drawLayout, { value, drawnAt: context.now })
      const seed = seedOf(context, version, value)
      face.emit(context, 'QualityDrawn', { version, l1Number: draw.l1Number, seed })
      return
    }
    // A number that has passed without a draw, or whose draw nobody kept in time, is replaced by a later one.
    if (l1Number(context) <= draw.l1Number) throw face.error('DrawNotYet', [version, draw.l1Number])
    nameDraw(context, version)
  },

  qualitySeed(context, [version]) {
    knownVersion(context, version)
    const { l1Number, value, drawnAt } = drawOf(context, version)
    const drawn = drawnAt === 0n ? randomnessOf(context, l1Number) : value
    const seed = drawn === undefined ? hexOf(toWord(0n)) : seedOf(context, version, drawn)
    return { seed, l1Number, drawnAt }
  },

  recordQuality(context, [version, qualityBps, recordHash, runs]) {
    checkPublisher(context, version)
    const { model } = knownVersion(context, version)
    const { drawnAt } = drawOf(context, version)
    if (drawnAt === 0n) throw face.error('NotDrawn', [version])
    if (qualityBps > BPS) throw face.error('InvalidField', ['qualityBps', `must be at most ${BPS}, got ${qualityBps}`])
    if (BigInt(recordHash) === 0n) throw face.error('InvalidField', ['recordHash', 'must not be zero'])
    checkRetrainings(context, model, runs, drawnAt)
    const place = qualityPlace(context, version)
    const record = readRecord(context, place, qualityLayout, ['record']).record + 1n
    writeRecord(context, place, qualityLayout, {
      record,
      recordedAt: context.now,
      acceptedAt: 0n,
      qualityBps: BigInt(qualityBps),
      runs: BigInt(runs.length),
      recordHash,
      attestedStake: 0n,
      stakeAtRecord: validatorStake(context),
    })
    face.emit(context, 'QualityRecorded', { version, record, qualityBps, recordHash, runs })
    return record
  },

  attestQuality(context, [version, number]) {
    knownVersion(context, version)
    checkStanding(context, version)
    const place = qualityPlace(context, version)
    const last = readRecord(context, place, qualityLayout)
    if (number === 0n || number !== last.record) throw face.error('UnknownQualityRecord', [version, number])
    const { recordedAt: since, stakeAtRecord: stakeThen, attestedStake: before } = last
    const mark = qualityMarkPlace(context, version, number, context.call.caller)
    const { reached, ...counted } = countStake(context, { version, since, stakeThen, attestedStake: before }, mark)
    writeRecord(context, place, qualityLayout, { attestedStake: counted.attestedStake })
    face.emit(context, 'QualityAttested', { version, record: number, ...counted })
    if (last.acceptedAt !== 0n || !reached) return
    const { qualityBps } = last
    writeRecord(context, place, qualityLayout, { acceptedAt: context.now })
    writeRecord(context, versionPlace(context, version), versionLayout, { measured: true, qualityBps })
    face.emit(context, 'QualityAccepted', { version, record: number, qualityBps: Number(qualityBps) })
  },

  qualityOf(context, [version]) {
    knownVersion(context, version)
    const record = readRecord(context, qualityPlace(context, version), qualityLayout)
    return { ...record, qualityBps: Number(record.qualityBps), runs: Number(record.runs) }
  },
}
