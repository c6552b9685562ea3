/**
 * Validators' word for a version or its quality record (docs/protocol.md, "Models"): in force when
 * `attestationQuorumBps` of the validators' stake stand behind it. Attesting ends `unstakeDelay` after it was put on
 * record: stake that attested and left cannot be back under another account before that, so no wei counts twice.
 */
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { plainAddress } from '../calls/face.ts'
import { writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { activeStake, totalPlace } from '../staking/staking-records.ts'
import { face, knownVersion, type ModelHandlers } from './model-face.ts'
import { attestationPlace, versionLayout, versionPlace } from './model-records.ts'
import { checkStanding } from './version-standing.ts'

const BPS = 10_000n

/** What is attested: since when (seconds), the validators' total stake at that moment, and what attested so far. */
export type Attested = { version: bigint; since: bigint; stakeThen: bigint; attestedStake: bigint }

/** The validators' total stake now. */
export function validatorStake(context: CallContext): bigint {
  return context.read(totalPlace(context, STAKE_ROLE.validator))
}

/**
 * Counts the caller's validator stake, once for each mark. `reached` says whether there is a quorum: of the greater of the
 * total then and now, so that leaving helps nobody.
 */
export function countStake(context: CallContext, { version, since, stakeThen, attestedStake }: Attested, mark: Place) {
  const validator = context.call.caller
  const stake = activeStake(context, validator, STAKE_ROLE.validator)
  if (stake === 0n) throw face.error('NotValidator', [validator])
  if (context.read(mark) !== 0n) throw face.error('AlreadyAttested', [version, validator])
  const closedAt = since + parameter(context, 'unstakeDelay')
  if (context.now >= closedAt) throw face.error('AttestationClosed', [version, closedAt])
  context.write(mark, 1n)
  const total = validatorStake(context)
  const totalStake = total < stakeThen ? stakeThen : total
  const counted = attestedStake + stake
  const reached = counted * BPS >= totalStake * parameter(context, 'attestationQuorumBps')
  return { validator, stake, attestedStake: counted, totalStake, reached }
}

type Attestation = Pick<ModelHandlers, 'attest' | 'hasAttested'>

export const attestation: Attestation = {
  attest(context, [version]) {
    const record = knownVersion(context, version)
    checkStanding(context, version)
    const { publishedAt: since, stakeAtPublication: stakeThen, attestedStake: before } = record
    const mark = attestationPlace(context, version, context.call.caller)
    const { reached, ...counted } = countStake(context, { version, since, stakeThen, attestedStake: before }, mark)
    const place = versionPlace(context, version)
    writeRecord(context, place, versionLayout, { attestedStake: counted.attestedStake })
    face.emit(context, 'Attested', { version, ...counted })
    if (record.liveAt !== 0n || !reached) return
    let liveAt = since + parameter(context, 'attestationWindow')
    if (liveAt < context.now) liveAt = context.now
    writeRecord(context, place, versionLayout, { liveAt })
    face.emit(context, 'VersionLive', { version, liveAt })
  },

  hasAttested(context, [version, validator]) {
    return context.read(attestationPlace(context, version, plainAddress(validator))) !== 0n
  },
}
