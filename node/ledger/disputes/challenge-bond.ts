/**
 * The bonded commitment of a challenge (docs/protocol.md, "Challenges"): made in an earlier block, so that nobody who
 * sees a proof in the mempool is first with it; returned where the challenge is upheld, lost where it shows nothing.
 */
import type { Hex } from 'viem'
import { NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { challengeCommitment } from '../../../protocol/challenge.ts'
import { type AttributionHandlers, face } from '../attribution/attribution-face.ts'
import { challengeLayout, challengePlace, treasury } from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { plainAddress } from '../calls/face.ts'
import { clearRecord, readRecord, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'

export type CommittedChallenge = { commitment: Hex; bond: bigint }

/** The caller's commitment to challenge the subject, from an earlier block. */
export function committedChallenge(context: CallContext, subject: Hex, salt: Hex): CommittedChallenge {
  const challenger = context.call.caller
  context.charge(GAS.keccak + 3n * GAS.keccakWord)
  const commitment = challengeCommitment({ challenger, subject, salt })
  const { committedIn, bond } = readRecord(context, challengePlace(context, challenger, commitment), challengeLayout)
  if (committedIn === 0n) throw face.error('UnknownChallenge', [commitment])
  if (committedIn >= context.call.block.number) throw face.error('ChallengeTooYoung', [commitment, committedIn])
  return { commitment, bond }
}

function returnBond(context: CallContext, { commitment, bond }: CommittedChallenge): void {
  const challenger = context.call.caller
  clearRecord(context, challengePlace(context, challenger, commitment), challengeLayout)
  context.transfer(NATIVE.attribution, challenger, bond)
  face.emit(context, 'ChallengeBondReturned', { commitment, challenger, bond })
}

/** Takes the bond out of its commitment, for a challenge that is decided later. Returns it in wei. */
export function takeBond(context: CallContext, { commitment, bond }: CommittedChallenge): bigint {
  clearRecord(context, challengePlace(context, context.call.caller, commitment), challengeLayout)
  return bond
}

/**
 * Decides a challenge: with a fault it is upheld, `consequence` follows and the bond returns; without one the bond is
 * the treasury's. Returns whether it was upheld.
 */
export function decide(
  context: CallContext,
  challenge: { number: number; subject: Hex; committed: CommittedChallenge },
  fault: string | undefined,
  consequence: () => void,
): boolean {
  const challenger = context.call.caller
  const { number, subject, committed } = challenge
  if (fault !== undefined) {
    face.emit(context, 'ChallengeUpheld', { subject, challenger, challenge: number, fault })
    consequence()
    returnBond(context, committed)
    return true
  }
  clearRecord(context, challengePlace(context, challenger, committed.commitment), challengeLayout)
  context.write(treasury, context.read(treasury) + committed.bond)
  face.emit(context, 'ChallengeFailed', { subject, challenger, challenge: number, bondLost: committed.bond })
  return false
}

type Bonds = Pick<AttributionHandlers, 'commitChallenge' | 'reclaimChallengeBond' | 'challengeOf'>

export const challengeBonds: Bonds = {
  commitChallenge(context, [commitment]) {
    const { caller: challenger, value, block } = context.call
    const required = parameter(context, 'challengeBond')
    if (value < required) throw face.error('BondTooSmall', [required, value])
    const place = challengePlace(context, challenger, commitment)
    const { committedIn } = readRecord(context, place, challengeLayout, ['committedIn'])
    if (committedIn !== 0n) throw face.error('ChallengeTaken', [commitment])
    writeRecord(context, place, challengeLayout, { committedIn: block.number, bond: value })
    face.emit(context, 'ChallengeCommitted', { commitment, challenger, bond: value })
  },

  reclaimChallengeBond(context, [commitment]) {
    const place = challengePlace(context, context.call.caller, commitment)
    const { committedIn, bond } = readRecord(context, place, challengeLayout)
    if (committedIn === 0n) throw face.error('UnknownChallenge', [commitment])
    if (committedIn >= context.call.block.number) throw face.error('ChallengeTooYoung', [commitment, committedIn])
    returnBond(context, { commitment, bond })
  },

  challengeOf(context, [challenger, commitment]) {
    const place = challengePlace(context, plainAddress(challenger), commitment)
    const { committedIn, bond } = readRecord(context, place, challengeLayout)
    return [committedIn, bond] as const
  },
}
