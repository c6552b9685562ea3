/**
 * The drawn committee of challenge 4 (docs/protocol.md, "The committee"): seats drawn by stake from randomness that nobody knew
 * when the round was opened, votes that are committed and then revealed, and an appeal to all validators.
 *
 *     open ──L1 number drawAt──> drawn ──votePeriod──> revealing ──revealPeriod──> counted ──appealPeriod──> decided
 *                                                                                     └─ appeal ─> the same, by all ─> decided
 *
 * What was decided, and what follows, is feature-challenge.ts's.
 */
import type { Hex } from 'viem'
import { ROUND_STATUS } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { FEATURE_KIND, seatCommitment } from '../../../protocol/challenge.ts'
import { type AttributionHandlers, face } from '../attribution/attribution-face.ts'
import { treasury } from '../attribution/attribution-records.ts'
import type { CallContext } from '../calls/context.ts'
import { plainAddress } from '../calls/face.ts'
import { type RecordOf, readRecord, readRecords, writeRecord } from '../calls/storage-layout.ts'
import { parameter } from '../governance/parameters.ts'
import { holdVersion, releaseVersion } from '../models/version-standing.ts'
import { l1Number, randomnessOf } from '../payouts/randomness.ts'
import { activeStake, slashLocked, totalPlace, unlockStake } from '../staking/staking-records.ts'
import { drawSeats, drawTimes, seat } from './committee-draw.ts'
import {
  ballotLayout,
  ballotPlace,
  type Round,
  roundCounters,
  roundLayout,
  roundPlace,
  roundsLayout,
  seatLayout,
  seatsPlace,
  subjectLayout,
  subjectPlace,
  tallyPlace,
  VOTE,
  type Vote,
  voteCountLayout,
  voteCountPlace,
} from './committee-records.ts'

type VoteCount = RecordOf<typeof voteCountLayout>

const NOTHING: Hex = `0x${'0'.repeat(64)}`

export function knownRound(context: CallContext, id: bigint): Round {
  const record = readRecord(context, roundPlace(context, id), roundLayout)
  if (record.status === 0n) throw face.error('UnknownRound', [id])
  return { ...record, id }
}

function requireStatus(round: Round, ...allowed: bigint[]): void {
  if (!allowed.includes(round.status)) throw face.error('RoundNotOpen', [round.id, Number(round.status)])
}

const status = {
  drawing: BigInt(ROUND_STATUS.drawing),
  voting: BigInt(ROUND_STATUS.voting),
  appealed: BigInt(ROUND_STATUS.appealed),
  void: BigInt(ROUND_STATUS.void),
} as const

function countOf(context: CallContext, round: bigint, vote: Vote): VoteCount {
  return readRecord(context, voteCountPlace(roundPlace(context, round), vote), voteCountLayout)
}

/** A version answers with its bond for rows and curvature until the round has ended; for a query the prover does. */
function holdsItsVersion(kind: bigint): boolean {
  return kind !== BigInt(FEATURE_KIND.query)
}

/** Opens a round about a subject that no other is open about, and that none has decided. */
export function openRound(
  context: CallContext,
  opened: Pick<Round, 'kind' | 'version' | 'subject' | 'committed' | 'bond'> & { index: number },
): bigint {
  const { kind, version, subject, committed, bond, index } = opened
  const challenger = context.call.caller
  const about = subjectPlace(context, subject)
  const known = readRecord(context, about, subjectLayout)
  if (known.decided || known.round !== 0n) throw face.error('SubjectTaken', [subject, known.round])
  const { rounds } = readRecord(context, roundCounters, roundsLayout)
  const id = rounds + 1n
  writeRecord(context, roundCounters, roundsLayout, { rounds: id })
  writeRecord(context, about, subjectLayout, { round: id })
  const seats = parameter(context, 'committeeSize')
  const reward = parameter(context, 'seatReward')
  const affordable = bond / seats
  const times = drawTimes(context)
  writeRecord(context, roundPlace(context, id), roundLayout, {
    ...{ challenger, kind, status: status.drawing, seats, version, subject, committed, bond, ...times },
    seatReward: reward < affordable ? reward : affordable,
  })
  if (holdsItsVersion(kind)) holdVersion(context, version)
  const { drawAt } = times
  face.emit(context, 'FeatureChallenged', {
    ...{ round: id, subject, challenger, kind: Number(kind), version, index, committed, drawAt },
  })
  return id
}

/** Begins a vote now: until when votes are committed, and until when they are revealed. */
function beginVote(context: CallContext, round: bigint, vote: Vote): Pick<VoteCount, 'commitUntil' | 'revealUntil'> {
  const commitUntil = context.now + parameter(context, 'votePeriod')
  const times = { commitUntil, revealUntil: commitUntil + parameter(context, 'revealPeriod') }
  writeRecord(context, voteCountPlace(roundPlace(context, round), vote), voteCountLayout, times)
  return times
}

/** The vote that the round is in. */
function currentVote(round: Round): Vote {
  requireStatus(round, status.voting, status.appealed)
  return round.status === status.appealed ? VOTE.appeal : VOTE.committee
}

/** Weight of a ballot that is committed now: seats, or in an appeal the whole of an active stake. */
function weightOf(context: CallContext, round: Round, vote: Vote, ballot: RecordOf<typeof ballotLayout>): bigint {
  const voter = context.call.caller
  const weight = vote === VOTE.appeal ? activeStake(context, voter, STAKE_ROLE.validator) : ballot.weight
  if (weight === 0n) throw face.error('NoSeat', [round.id, voter])
  return weight
}

/** Adds a revealed vote to its count. */
function tally(context: CallContext, round: Round, vote: Vote, hash: Hex, weight: bigint): void {
  const place = roundPlace(context, round.id)
  const counted = tallyPlace(context, place, vote, hash)
  const weights = context.read(counted) + weight
  context.write(counted, weights)
  const { leading, revealed } = countOf(context, round.id, vote)
  writeRecord(context, voteCountPlace(place, vote), voteCountLayout, {
    revealed: revealed + weight,
    ...(weights > leading && { leader: hash, leading: weights }),
  })
}

/** What the committee found: the hash that two thirds of all seats revealed. */
function committeeResult(context: CallContext, round: Round): Hex | undefined {
  const { leader, leading } = countOf(context, round.id, VOTE.committee)
  return leader !== NOTHING && 3n * leading >= 2n * round.seats ? leader : undefined
}

/** What the appeal found: the hash with two thirds of the stake that was revealed, and half of all there was. */
function appealResult(context: CallContext, round: Round): Hex | undefined {
  const { leader, leading, revealed } = countOf(context, round.id, VOTE.appeal)
  return leader !== NOTHING && 3n * leading >= 2n * revealed && 2n * leading >= round.appealStake ? leader : undefined
}

/** Counts all stake anew where it has grown since. Not after the votes: stake that comes then would undo what they found. */
function countAppealStake(context: CallContext, round: Round): void {
  const appealStake = context.read(totalPlace(context, STAKE_ROLE.validator))
  if (appealStake > round.appealStake) writeRecord(context, roundPlace(context, round.id), roundLayout, { appealStake })
}

/** What a round has found, once its votes and the time to appeal are over. An appeal without a result changes nothing. */
function resultOf(context: CallContext, round: Round): Hex | undefined {
  return (round.status === status.appealed && appealResult(context, round)) || committeeResult(context, round)
}

/** Seconds after which the round's votes are over, and cannot be appealed any more. */
function overAfter(context: CallContext, round: Round): bigint {
  return round.status === status.appealed ? countOf(context, round.id, VOTE.appeal).revealUntil : round.appealUntil
}

/** The hash that the round has decided. Throws while it may change, where there is none, and once it has ended. */
export function decidedHash(context: CallContext, round: Round): Hex {
  requireStatus(round, status.voting, status.appealed)
  const until = overAfter(context, round)
  if (context.now <= until) throw face.error('TooEarly', [until + 1n])
  const decided = resultOf(context, round)
  if (decided === undefined) throw face.error('NoDecision', [round.id])
  return decided
}

/** Frees the seats' stake: who revealed nothing loses it to the treasury, who revealed `decided` is paid. Returns the pay. */
function closeSeats(context: CallContext, round: Round, decided: Hex | undefined): bigint {
  let paid = 0n
  for (const { holder } of readRecords(context, seatsPlace(roundPlace(context, round.id)), seatLayout)) {
    const place = ballotPlace(context, round.id, VOTE.committee, holder)
    const { vote, weight, locked } = readRecord(context, place, ballotLayout, ['vote', 'weight', 'locked'])
    writeRecord(context, place, ballotLayout, { locked: 0n })
    if (vote === NOTHING) {
      slashLocked(context, holder, STAKE_ROLE.validator, locked)
      context.transfer(NATIVE.staking, NATIVE.attribution, locked)
      toTreasury(context, locked)
      face.emit(context, 'SeatSlashed', { round: round.id, holder, amount: locked })
      continue
    }
    unlockStake(context, holder, locked, STAKE_ROLE.validator)
    if (vote !== decided) continue
    const amount = round.seatReward * weight
    paid += amount
    context.transfer(NATIVE.attribution, holder, amount)
    face.emit(context, 'SeatPaid', { round: round.id, holder, amount })
  }
  return paid
}

export function toTreasury(context: CallContext, amount: bigint): void {
  context.write(treasury, context.read(treasury) + amount)
}

/** An appeal's bond returns, but where the appeal found what the committee had found. */
function closeAppeal(context: CallContext, round: Round, decided: Hex | undefined): void {
  const { appellant, appealBond } = round
  if (appealBond === 0n) return
  const lost = decided !== undefined && appealResult(context, round) === committeeResult(context, round)
  if (lost) toTreasury(context, appealBond)
  else context.transfer(NATIVE.attribution, appellant, appealBond)
}

/**
 * Ends a round with what it decided, or void: seats, the appeal's bond, its record. Returns what is left of the challenger's
 * bond once the seats are paid out of it.
 */
export function endRound(
  context: CallContext,
  round: Round,
  end: { status: (typeof ROUND_STATUS)[keyof typeof ROUND_STATUS]; decided: Hex | undefined },
): bigint {
  const left = round.bond - closeSeats(context, round, end.decided)
  closeAppeal(context, round, end.decided)
  const ended = { status: BigInt(end.status), bond: 0n, appealBond: 0n }
  writeRecord(context, roundPlace(context, round.id), roundLayout, ended)
  const isDecided = end.decided !== undefined
  const about = { round: isDecided ? round.id : 0n, decided: isDecided }
  writeRecord(context, subjectPlace(context, round.subject), subjectLayout, about)
  if (holdsItsVersion(round.kind)) releaseVersion(context, round.version)
  return left
}

/** Ends a round that decides nothing: the challenger's bond returns. */
function endVoid(context: CallContext, round: Round): void {
  const left = endRound(context, round, { status: ROUND_STATUS.void, decided: undefined })
  context.transfer(NATIVE.attribution, round.challenger, left)
  const { id, subject, challenger } = round
  face.emit(context, 'RoundVoid', { round: id, subject, challenger })
}

/** Throws while the round may still decide something. */
function checkIdle(context: CallContext, round: Round): void {
  requireStatus(round, status.drawing, status.voting, status.appealed)
  if (round.status === status.drawing) {
    if (l1Number(context) < round.drawUntil) throw face.error('NotDrawable', [round.id, round.drawAt, round.drawUntil])
    return
  }
  const over = overAfter(context, round)
  if (context.now <= over) throw face.error('TooEarly', [over + 1n])
  if (resultOf(context, round) !== undefined && context.now <= round.showUntil)
    throw face.error('TooEarly', [round.showUntil + 1n])
}

type Committee = Pick<
  AttributionHandlers,
  | 'drawCommittee'
  | 'commitSeat'
  | 'revealSeat'
  | 'appealRound'
  | 'voidRound'
  | 'getRound'
  | 'roundOf'
  | 'roundCount'
  | 'seatsOf'
  | 'ballotOf'
>

export const committee: Committee = {
  drawCommittee(context, [id]) {
    const round = knownRound(context, id)
    requireStatus(round, status.drawing)
    const randomness = randomnessOf(context, round.drawAt)
    if (randomness === undefined || l1Number(context) >= round.drawUntil)
      throw face.error('NotDrawable', [id, round.drawAt, round.drawUntil])
    const holders = drawSeats(context, round, randomness)
    if (holders.size === 0) {
      endVoid(context, round)
      return 0
    }
    seat(context, round, holders)
    const { commitUntil, revealUntil } = beginVote(context, id, VOTE.committee)
    const appealPeriod = parameter(context, 'appealPeriod')
    const appealUntil = revealUntil + appealPeriod
    const drawn = { status: status.voting, appealUntil, showUntil: appealUntil + appealPeriod }
    writeRecord(context, roundPlace(context, id), roundLayout, drawn)
    const seats = [...holders.values()].map(Number)
    face.emit(context, 'CommitteeDrawn', { round: id, holders: [...holders.keys()], seats, commitUntil, revealUntil })
    return seats.reduce((total, each) => total + each, 0)
  },

  commitSeat(context, [id, commitment]) {
    const round = knownRound(context, id)
    const vote = currentVote(round)
    const voter = context.call.caller
    if (commitment === NOTHING) throw face.error('InvalidField', ['commitment', 'must not be zero'])
    const place = ballotPlace(context, id, vote, voter)
    const ballot = readRecord(context, place, ballotLayout)
    const weight = weightOf(context, round, vote, ballot)
    const { commitUntil } = countOf(context, id, vote)
    if (context.now > commitUntil) throw face.error('RoundTooLate', [id, commitUntil])
    if (ballot.commitment !== NOTHING) throw face.error('AlreadyVoted', [id, voter])
    writeRecord(context, place, ballotLayout, { commitment, weight })
    if (vote === VOTE.appeal) countAppealStake(context, round)
    face.emit(context, 'VoteCommitted', { round: id, voter, weight })
  },

  revealSeat(context, [id, vectorHash, salt]) {
    const round = knownRound(context, id)
    const vote = currentVote(round)
    const voter = context.call.caller
    if (vectorHash === NOTHING) throw face.error('InvalidField', ['vectorHash', 'must not be zero'])
    const place = ballotPlace(context, id, vote, voter)
    const ballot = readRecord(context, place, ballotLayout)
    if (ballot.commitment === NOTHING) throw face.error('NoSeat', [id, voter])
    const { commitUntil, revealUntil } = countOf(context, id, vote)
    if (context.now <= commitUntil) throw face.error('TooEarly', [commitUntil + 1n])
    if (context.now > revealUntil) throw face.error('RoundTooLate', [id, revealUntil])
    if (ballot.vote !== NOTHING) throw face.error('AlreadyVoted', [id, voter])
    context.charge(GAS.keccak + 4n * GAS.keccakWord)
    if (seatCommitment({ round: id, vectorHash, salt, voter }) !== ballot.commitment)
      throw face.error('InvalidField', ['salt', 'vectorHash and salt are not what was committed'])
    writeRecord(context, place, ballotLayout, { vote: vectorHash })
    tally(context, round, vote, vectorHash, ballot.weight)
    face.emit(context, 'VoteRevealed', { round: id, voter, vectorHash, weight: ballot.weight })
  },

  appealRound(context, [id]) {
    const round = knownRound(context, id)
    requireStatus(round, status.voting)
    const { caller: appellant, value: appealBond } = context.call
    const required = parameter(context, 'challengeBond') * parameter(context, 'appealFactor')
    if (appealBond < required) throw face.error('BondTooSmall', [required, appealBond])
    const { revealUntil } = countOf(context, id, VOTE.committee)
    if (context.now <= revealUntil) throw face.error('TooEarly', [revealUntil + 1n])
    if (context.now > round.appealUntil) throw face.error('RoundTooLate', [id, round.appealUntil])
    const times = beginVote(context, id, VOTE.appeal)
    writeRecord(context, roundPlace(context, id), roundLayout, {
      ...{ status: status.appealed, appellant, appealBond },
      appealStake: context.read(totalPlace(context, STAKE_ROLE.validator)),
      showUntil: times.revealUntil + parameter(context, 'appealPeriod'),
    })
    face.emit(context, 'RoundAppealed', { round: id, appellant, bond: appealBond, ...times })
  },

  voidRound(context, [id]) {
    const round = knownRound(context, id)
    checkIdle(context, round)
    endVoid(context, round)
  },

  getRound(context, [id]) {
    const { kind, status, seats, ...rest } = knownRound(context, id)
    return {
      ...{ ...rest, kind: Number(kind), status: Number(status), seats: Number(seats) },
      committee: countOf(context, id, VOTE.committee),
      appeal: countOf(context, id, VOTE.appeal),
    }
  },

  roundOf(context, [subject]) {
    const { round, decided } = readRecord(context, subjectPlace(context, subject), subjectLayout)
    return [round, decided] as const
  },

  roundCount: (context) => readRecord(context, roundCounters, roundsLayout).rounds,

  seatsOf(context, [id]) {
    const seats = readRecords(context, seatsPlace(roundPlace(context, knownRound(context, id).id)), seatLayout)
    return [seats.map(({ holder }) => holder), seats.map(({ seats }) => Number(seats))] as const
  },

  ballotOf(context, [id, isAppeal, voter]) {
    const vote = isAppeal ? VOTE.appeal : VOTE.committee
    return readRecord(context, ballotPlace(context, id, vote, plainAddress(voter)), ballotLayout)
  },
}
