/** For refusals.test.ts: wrong arguments of challenge 4, and rounds in each of their states. */
import type { Hex } from 'viem'
import { NATIVE } from '../../../genesis/addresses.ts'
import { PARAMETERS, parameterSlot } from '../../../genesis/parameters.ts'
import { FEATURE_KIND, featureSubject, seatCommitment, WHOLE_CURVATURE } from '../../../protocol/challenge.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { requestId } from '../../../protocol/request.ts'
import { type DisputeStage, OPENING_BOND } from './dispute-stage.ts'
import { word } from './ledger-stage.ts'
import { claims } from './refusal-challenges.ts'
import { type Refusal, type Row, type Rows, refuses, TOTAL, UNKNOWN } from './refusal-row.ts'
import type { RefusalStage } from './refusal-stage.ts'

const SALT = word(99)
/** Seconds: longer than any stage lasts. */
const LONG = 1_000_000n
const APPEAL_BOND = PARAMETERS.appealFactor.development * PARAMETERS.challengeBond.development

/** Rounds about rows of the stage's version, of which the validator holds every seat. */
export class CommitteeStanding {
  /** Not drawn; votes are committed (the validator's is); votes are revealed (its is); over without a vote; ended. */
  readonly drawing: bigint
  readonly voting: bigint
  readonly revealing: bigint
  readonly over: bigint
  readonly ended: bigint
  /** About a curvature, over without a vote; about a query, not drawn. */
  readonly curvature: bigint
  readonly query: bigint
  /** What the query's round holds. */
  readonly held: readonly [Hex, Leaf]
  readonly #stage: DisputeStage
  #l1 = 320n

  constructor(stage: DisputeStage) {
    this.#stage = stage
    const { world, validator, challenger, prover } = stage
    world.epoch(this.#l1)
    this.over = this.#row(3)
    this.ended = this.#row(4)
    const salt = stage.commitChallenge(featureSubject(FEATURE_KIND.curvature, stage.version, WHOLE_CURVATURE))
    const whole = [stage.version, WHOLE_CURVATURE, '0x', salt] as const
    this.curvature = world.send(challenger.address, 'attribution', 'challengeCurvature', whole)
    this.#draw(this.over, this.ended, this.curvature)
    world.pass(1_000n)
    world.send(validator.address, 'attribution', 'voidRound', [this.ended])
    this.#set('revealPeriod', LONG)
    this.revealing = this.#row(2)
    this.#draw(this.revealing)
    this.#commit(this.revealing)
    world.pass(13n)
    world.send(validator.address, 'attribution', 'revealSeat', [this.revealing, word(5), SALT])
    this.#set('votePeriod', LONG)
    this.voting = this.#row(1)
    this.#draw(this.voting)
    this.#commit(this.voting)
    for (const name of ['votePeriod', 'revealPeriod'] as const) this.#set(name, PARAMETERS[name].development)
    this.drawing = this.#row(0)
    const leaf = stage.honestLeaf({ n: 70n, fee: 2_000n })
    const claim = stage.claim(leaf)
    world.send(challenger.address, 'attribution', 'demandOpening', [claim, leaf], { value: OPENING_BOND })
    const mark = world.logs.length
    world.send(prover.address, 'attribution', 'reveal', [claim, leaf, stage.opening()])
    this.held = [stage.claimIn(mark), leaf]
    stage.commitChallenge(requestId(leaf.channel, leaf.n))
    this.query = world.send(challenger.address, 'attribution', 'challengeQuery', [...this.held, SALT])
    // For a second challenge of a row that is challenged, and of two that are not.
    for (const row of [0, 1]) stage.commitChallenge(featureSubject(FEATURE_KIND.row, stage.version, row))
  }

  #row(index: number): bigint {
    const stage = this.#stage
    const salt = stage.commitChallenge(featureSubject(FEATURE_KIND.row, stage.version, index))
    const args = [stage.version, stage.evidence(index), salt] as const
    return stage.world.send(stage.challenger.address, 'attribution', 'challengeRow', args)
  }

  #draw(...rounds: bigint[]): void {
    const { world, validator } = this.#stage
    const { drawAt } = world.send(validator.address, 'attribution', 'getRound', [rounds[0]!])
    this.#l1 = drawAt
    world.epoch(drawAt)
    for (const round of rounds) world.send(validator.address, 'attribution', 'drawCommittee', [round])
  }

  #commit(round: bigint): void {
    const { world, validator } = this.#stage
    const commitment = seatCommitment({ round, vectorHash: word(5), salt: SALT, voter: validator.address })
    world.send(validator.address, 'attribution', 'commitSeat', [round, commitment])
  }

  #set(name: 'votePeriod' | 'revealPeriod', value: bigint): void {
    this.#stage.world.storage.set(NATIVE.parameters + parameterSlot(PARAMETERS[name].id), value)
  }
}

type Rounds = Exclude<keyof CommitteeStanding, 'held'>
/** A row about one of the standing rounds. */
const about =
  (
    name: Rounds,
    error: string,
    rest: (stage: RefusalStage) => readonly unknown[] = () => [],
    options: (stage: RefusalStage) => Partial<Refusal> = () => ({}),
  ): Row =>
  (stage) => ({ args: [stage.committee[name], ...rest(stage)], error, ...options(stage) })

const byValidator = (stage: RefusalStage): Partial<Refusal> => ({ from: stage.validator })
const challenge =
  (args: (stage: RefusalStage) => readonly unknown[], error: string): Row =>
  (stage) => ({ args: args(stage), error, from: stage.challenger })
const vote = () => [word(5), SALT] as const
const nothing = () => ['0x', '0x'] as const
const rowShown = (stage: RefusalStage, index: number) => [stage.evidence(index).row, '0x'] as const
const querying =
  (error: string, claim: (stage: RefusalStage) => readonly unknown[], query?: Hex): Row =>
  (stage) => ({ args: [stage.committee.query, ...claim(stage), query ?? stage.queryHex, '0x'], error })
const held = (stage: RefusalStage) => stage.committee.held

export const COMMITTEE: Rows = {
  challengeQuery: [
    ...claims(() => [SALT]),
    challenge((stage) => [...stage.fresh, word(1)], 'UnknownChallenge'),
    challenge((stage) => [...stage.fresh, SALT], 'NotRevealed'),
  ],
  challengeRow: [
    challenge((stage) => [UNKNOWN, stage.evidence(0), SALT], 'UnknownVersion'),
    challenge((stage) => [stage.version, { ...stage.evidence(0), path: [] }, SALT], 'InvalidField evidence'),
    challenge((stage) => [stage.version, stage.evidence(2), SALT], 'UnknownChallenge'),
    challenge((stage) => [stage.version, stage.evidence(0), SALT], 'SubjectTaken'),
  ],
  challengeCurvature: [
    challenge(() => [UNKNOWN, 0, '0x', SALT], 'UnknownVersion'),
    challenge((stage) => [stage.version, 0, '0x', SALT], 'InvalidField parts'),
    challenge((stage) => [stage.version, WHOLE_CURVATURE, '0x00', SALT], 'InvalidField parts'),
    challenge((stage) => [stage.version, WHOLE_CURVATURE, '0x', SALT], 'UnknownChallenge'),
  ],
  drawCommittee: [refuses([UNKNOWN], 'UnknownRound'), about('drawing', 'NotDrawable'), about('voting', 'RoundNotOpen')],
  commitSeat: [
    refuses([UNKNOWN, word(1)], 'UnknownRound'),
    about('drawing', 'RoundNotOpen', () => [word(1)]),
    about('ended', 'RoundNotOpen', () => [word(1)]),
    about('voting', 'InvalidField commitment', () => [word(0)], byValidator),
    about('voting', 'NoSeat', () => [word(1)]),
    about('voting', 'AlreadyVoted', () => [word(1)], byValidator),
    about('revealing', 'RoundTooLate', () => [word(1)], byValidator),
  ],
  revealSeat: [
    refuses([UNKNOWN, ...vote()], 'UnknownRound'),
    about('drawing', 'RoundNotOpen', vote),
    about('revealing', 'InvalidField vectorHash', () => [word(0), SALT], byValidator),
    about('revealing', 'NoSeat', vote),
    about('voting', 'TooEarly', vote, byValidator),
    about('revealing', 'AlreadyVoted', vote, byValidator),
  ],
  appealRound: [
    refuses([UNKNOWN], 'UnknownRound'),
    about(
      'drawing',
      'RoundNotOpen',
      () => [],
      () => ({ value: APPEAL_BOND }),
    ),
    about(
      'over',
      'BondTooSmall',
      () => [],
      () => ({ value: APPEAL_BOND - 1n }),
    ),
    about(
      'revealing',
      'TooEarly',
      () => [],
      () => ({ value: APPEAL_BOND }),
    ),
    about(
      'over',
      'RoundTooLate',
      () => [],
      () => ({ value: APPEAL_BOND }),
    ),
  ],
  decideQuery: [
    (stage) => ({ args: [UNKNOWN, ...held(stage), ...nothing()], error: 'UnknownRound' }),
    about('over', 'InvalidField round', (stage) => [...held(stage), ...nothing()]),
    querying('InvalidField leaf', (stage) => stage.fresh),
    querying('InvalidField claim', (stage) => [stage.fresh[0], held(stage)[1]]),
    querying('ClaimUndoneBefore', (stage) => stage.undone),
    querying('InvalidField query', held, '0x'),
    querying('RoundNotOpen', held),
  ],
  decideRow: [
    refuses([UNKNOWN, '0x', '0x'], 'UnknownRound'),
    about('curvature', 'InvalidField round', nothing),
    about('over', 'InvalidField row', nothing),
    about('over', 'NoDecision', (stage) => rowShown(stage, 3)),
    about('revealing', 'TooEarly', (stage) => rowShown(stage, 2)),
    about('ended', 'RoundNotOpen', (stage) => rowShown(stage, 4)),
  ],
  decideCurvature: [
    refuses([UNKNOWN], 'UnknownRound'),
    about('over', 'InvalidField round'),
    about('curvature', 'NoDecision'),
  ],
  voidRound: [
    refuses([UNKNOWN], 'UnknownRound'),
    about('drawing', 'NotDrawable'),
    about('voting', 'TooEarly'),
    about('ended', 'RoundNotOpen'),
  ],
  releaseClaim: [
    ...claims(() => []),
    (stage) => ({ args: stage.fresh, error: 'NotHeld' }),
    (stage) => ({ args: held(stage), error: 'NotHeld' }),
  ],
  roundCount: TOTAL,
  roundOf: TOTAL,
  getRound: [refuses([UNKNOWN], 'UnknownRound')],
  seatsOf: [refuses([UNKNOWN], 'UnknownRound')],
  ballotOf: TOTAL,
}
