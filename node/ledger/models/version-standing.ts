/**
 * How a version stands behind what it published (docs/protocol.md, "Models"): live once attested, until its publisher
 * retires it or a proof fails it. A proof takes the bond that it keeps: half to who brought it, the rest burned, so
 * that proving it of oneself costs half.
 *
 *     published ──quorum, window──> live ──retireVersion──> retired ──unstakeDelay──> bond back
 *         └──────────────┬───────────┴─────────────────────────┘
 *                        └──proof──> failed, bond slashed
 */
import { type Address, BURNED, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext } from '../calls/context.ts'
import { type RecordOf, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { face, knownVersion, type ModelHandlers } from './model-face.ts'
import { holdsPlace, standingLayout, standingPlace, versionLayout, versionPlace } from './model-records.ts'

export function versionStanding(context: CallContext, version: bigint): RecordOf<typeof standingLayout> {
  return readRecord(context, standingPlace(context, version), standingLayout)
}

/**
 * Whether requests that were opened after block `asOf` may be settled for: it is attested and its window has passed,
 * nothing failed it, and it was not retired by that block.
 */
export function isLive(context: CallContext, version: bigint, asOf: bigint = context.call.block.number): boolean {
  const { liveAt } = readRecord(context, versionPlace(context, version), versionLayout, ['liveAt'])
  if (liveAt === 0n || context.now < liveAt) return false
  const { failedAt, retiredIn } = versionStanding(context, version)
  return failedAt === 0n && (retiredIn === 0n || asOf < retiredIn)
}

/**
 * Marks the version as failed and slashes the bond that it keeps, in wei: half to the reporter, the rest burned. The
 * second time does nothing and gives zeros. What was proved is the caller's to log.
 */
export function failVersion(
  context: CallContext,
  version: bigint,
  reporter: Address,
): { slashed: bigint; reward: bigint } {
  if (versionStanding(context, version).failedAt !== 0n) return { slashed: 0n, reward: 0n }
  const place = versionPlace(context, version)
  const { bond: slashed } = readRecord(context, place, versionLayout, ['bond'])
  const reward = slashed / 2n
  writeRecord(context, standingPlace(context, version), standingLayout, { failedAt: context.now })
  writeRecord(context, place, versionLayout, { bond: 0n })
  if (reward > 0n) context.transfer(NATIVE.models, reporter, reward)
  if (slashed > 0n) context.transfer(NATIVE.models, BURNED, slashed - reward)
  face.emit(context, 'VersionFailed', { version, reporter, slashed, reward })
  return { slashed, reward }
}

/** Keeps the bond where it is until the dispute that asks for this has ended: see {@link releaseVersion}. */
export function holdVersion(context: CallContext, version: bigint): void {
  const place = holdsPlace(context, version)
  context.write(place, context.read(place) + 1n)
}

/** Ends one {@link holdVersion}. */
export function releaseVersion(context: CallContext, version: bigint): void {
  const place = holdsPlace(context, version)
  context.write(place, context.read(place) - 1n)
}

/** The caller must have published the version, and nothing have failed it. */
export function checkPublisher(context: CallContext, version: bigint): void {
  const { publisher } = knownVersion(context, version)
  const { caller } = context.call
  if (publisher !== caller) throw face.error('NotPublisher', [caller, publisher])
  checkStanding(context, version)
}

/** The version must not have failed, nor been retired. */
export function checkStanding(context: CallContext, version: bigint): void {
  const { failedAt, retiredAt } = versionStanding(context, version)
  if (failedAt !== 0n) throw face.error('VersionHasFailed', [version, failedAt])
  if (retiredAt !== 0n) throw face.error('VersionHasRetired', [version, retiredAt])
}

type Standing = Pick<ModelHandlers, 'isLive' | 'retireVersion' | 'reclaimVersionBond' | 'standingOf'>

export const standings: Standing = {
  isLive(context, [version]) {
    knownVersion(context, version)
    return isLive(context, version)
  },

  retireVersion(context, [version]) {
    checkPublisher(context, version)
    const bondAt = context.now + parameter(context, 'unstakeDelay')
    writeRecord(context, standingPlace(context, version), standingLayout, {
      retiredAt: context.now,
      retiredIn: context.call.block.number,
      bondAt,
    })
    face.emit(context, 'VersionRetired', { version, bondAt })
  },

  reclaimVersionBond(context, [version]) {
    const { publisher, bond } = knownVersion(context, version)
    const { retiredAt, bondAt } = versionStanding(context, version)
    if (retiredAt === 0n) throw face.error('NotRetired', [version])
    if (bond === 0n) throw face.error('NothingToWithdraw', [version])
    if (context.now < bondAt) throw face.error('TooEarly', [bondAt])
    const holds = context.read(holdsPlace(context, version))
    if (holds > 0n) throw face.error('VersionHeld', [version, holds])
    writeRecord(context, versionPlace(context, version), versionLayout, { bond: 0n })
    context.transfer(NATIVE.models, publisher, bond)
    face.emit(context, 'VersionBondReturned', { version, publisher, amount: bond })
  },

  standingOf(context, [version]) {
    const { bond } = knownVersion(context, version)
    const { failedAt, retiredAt, bondAt } = versionStanding(context, version)
    return { failedAt, retiredAt, bondAt, bond, holds: context.read(holdsPlace(context, version)) }
  },
}
