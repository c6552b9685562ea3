/**
 * What Attribution holds of challenge 4 (the table stands in README.md): rounds, the ballots cast in them, and what has been
 * challenged. Layouts only grow at their end; a round's has a tail, so its end is there.
 */
import type { Hex } from 'viem'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import type { CallContext, Place } from '../calls/context.ts'
import { at, type RecordOf, recordLayout, slotAfter, variable } from '../calls/storage-layout.ts'

const own = (slot: number): Place => variable(NATIVE.attribution, slot)

export const roundsLayout = recordLayout({ rounds: 'uint64' })
export const roundCounters = own(11)

export const roundLayout = recordLayout({
  challenger: 'address',
  /** FEATURE_KIND. */
  kind: 'uint8',
  /** ROUND_STATUS. */
  status: 'uint8',
  /** Seats that were drawn, with those that fell to nobody. */
  seats: 'uint8',
  version: 'uint64',
  subject: 'bytes32',
  /** Hash of what is challenged: a query's, a row's leaf, a curvature block's. */
  committed: 'bytes32',
  bond: 'uint128',
  /** Wei for a seat that reveals what is decided; all of them are within the bond. */
  seatReward: 'uint128',
  /** L1 numbers: of the stakes that count, of the randomness, and before which it is drawn. */
  boundary: 'uint64',
  drawAt: 'uint64',
  drawUntil: 'uint64',
  /** Seconds. */
  appealUntil: 'uint64',
  appellant: 'address',
  /** Seconds until which what was decided may be shown. */
  showUntil: 'uint64',
  appealBond: 'uint128',
  /** Validators' stake: the greatest at the appeal and at each of its votes. */
  appealStake: 'uint128',
})
export type Round = RecordOf<typeof roundLayout> & { id: bigint }

/** A vote's count so far: seats of the committee, wei of stake in an appeal. */
export const voteCountLayout = recordLayout({
  /** The hash with the greatest weight. */
  leader: 'bytes32',
  leading: 'uint128',
  revealed: 'uint128',
  /** Seconds. */
  commitUntil: 'uint64',
  revealUntil: 'uint64',
})

/** Who holds how many of a round's seats. */
export const seatLayout = recordLayout({ holder: 'address', seats: 'uint8' })

export const ballotLayout = recordLayout({
  commitment: 'bytes32',
  /** Hash of the vector that was revealed; 0 where none was. */
  vote: 'bytes32',
  weight: 'uint128',
  /** Wei of stake that the seats lock. */
  locked: 'uint128',
})

/** The latest round of a subject. */
export const subjectLayout = recordLayout({ round: 'uint64', decided: 'bool' })

/** The two votes that a round may have. */
export const VOTE = { committee: 0, appeal: 1 } as const
export type Vote = (typeof VOTE)[keyof typeof VOTE]

export function roundPlace(context: CallContext, round: bigint): Place {
  return at(context, own(12), round)
}

/** A round's tail: the array of its seats, then for each vote its count and the weights by hash. */
export function seatsPlace(round: Place): Place {
  return slotAfter(round, BigInt(roundLayout.words))
}

export function voteCountPlace(round: Place, vote: Vote): Place {
  return slotAfter(seatsPlace(round), 1n + BigInt(vote * (voteCountLayout.words + 1)))
}

/** Weight that voted for a hash. */
export function tallyPlace(context: CallContext, round: Place, vote: Vote, hash: Hex): Place {
  return at(context, slotAfter(voteCountPlace(round, vote), BigInt(voteCountLayout.words)), hash)
}

export function ballotPlace(context: CallContext, round: bigint, vote: Vote, voter: Address): Place {
  return at(context, at(context, at(context, own(13), round), BigInt(vote)), voter)
}

export function subjectPlace(context: CallContext, subject: Hex): Place {
  return at(context, own(14), subject)
}
