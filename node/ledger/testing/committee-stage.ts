/** For tests: validators with stake, a request that was opened, and what a challenger and a committee do in a round. */
import { type Hex, parseEther } from 'viem'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import type { Address } from '../../../genesis/addresses.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { FEATURE_KIND, featureSubject, seatCommitment } from '../../../protocol/challenge.ts'
import { encodeFeature } from '../../../protocol/feature-tolerance.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { requestId } from '../../../protocol/request.ts'
import { DIMS, encodeRow, type Row } from '../../../protocol/row.ts'
import { wordHex } from '../../execution/bytes.ts'
import { hexOf } from '../calls/face.ts'
import { DisputeStage, OPENING_BOND } from './dispute-stage.ts'
import { type Actor, actor, VERSION_BOND, word } from './ledger-stage.ts'

const { drawDelay, votePeriod, revealPeriod, appealPeriod } = PARAMETERS
export const DRAW_DELAY = drawDelay.development
export const DRAW_WINDOW = 4n * DRAW_DELAY
export const SEAT_STAKE = PARAMETERS.seatStake.development
export const SEAT_REWARD = PARAMETERS.seatReward.development
export const APPEAL_BOND = PARAMETERS.appealFactor.development * PARAMETERS.challengeBond.development
const SALT = word(99)

export class CommitteeStage extends DisputeStage {
  /** Besides `validator`, which has 100 OPEN: three with 100 each. */
  readonly others = [actor(71), actor(72), actor(73)]
  #l1 = 10n * DRAW_WINDOW

  constructor() {
    super()
    for (const other of this.others) {
      this.world.fund(other.address, parseEther('1000'))
      this.stake(other, STAKE_ROLE.validator, parseEther('100'))
    }
    this.reach(this.#l1)
  }

  get validators(): Actor[] {
    return [this.validator, ...this.others]
  }

  get l1(): bigint {
    return this.#l1
  }

  /** Lets L1 come to a number: its epochs one after another, none of them longer than a moment. */
  reach(l1Number: bigint): void {
    this.#l1 = l1Number
    this.world.epoch(l1Number, wordHex(l1Number * 7n))
  }

  /** A claim whose request was opened, and its leaf. */
  opened(leaf: Leaf): Hex {
    const { world, challenger, prover } = this
    const claim = this.claim(leaf)
    world.send(challenger.address, 'attribution', 'demandOpening', [claim, leaf], { value: OPENING_BOND })
    const mark = world.logs.length
    world.send(prover.address, 'attribution', 'reveal', [claim, leaf, this.opening()])
    return this.claimIn(mark)
  }

  /** A version with a curvature, nothing else of which is looked at. */
  publishCurvature(curvatureHash: Hex): bigint {
    const hashes = { adapterHash: word(0), curvatureHash, featureRoot: word(8), artifactHash: word(9) }
    const publication = { run: this.run, ...hashes, rows: 5, dims: DIMS, medianScale: 100 }
    return this.world.send(this.owner.address, 'models', 'publishVersion', [publication], { value: VERSION_BOND })
  }

  challengeQuery(claim: Hex, leaf: Leaf): bigint {
    const salt = this.commitChallenge(requestId(leaf.channel, leaf.n))
    return this.world.send(this.challenger.address, 'attribution', 'challengeQuery', [claim, leaf, salt])
  }

  challengeRow(index: number): bigint {
    const salt = this.commitChallenge(featureSubject(FEATURE_KIND.row, this.version, index))
    return this.world.send(this.challenger.address, 'attribution', 'challengeRow', [
      ...([this.version, this.evidence(index), salt] as const),
    ])
  }

  /** Lets L1 reach the round's draw and draws. Returns the holders with their seats. */
  draw(round: bigint): Map<Address, number> {
    const { world } = this
    const { drawAt } = world.send(this.alice.address, 'attribution', 'getRound', [round])
    this.reach(drawAt)
    world.send(this.alice.address, 'attribution', 'drawCommittee', [round])
    return this.seats(round)
  }

  seats(round: bigint): Map<Address, number> {
    const [holders, seats] = this.world.send(this.alice.address, 'attribution', 'seatsOf', [round])
    return new Map(holders.map((holder, i) => [holder.toLowerCase() as Address, seats[i]!]))
  }

  commitVote(round: bigint, voter: Address, vectorHash: Hex): void {
    const commitment = seatCommitment({ round, vectorHash, salt: SALT, voter })
    this.world.send(voter, 'attribution', 'commitSeat', [round, commitment])
  }

  revealVote(round: bigint, voter: Address, vectorHash: Hex): void {
    this.world.send(voter, 'attribution', 'revealSeat', [round, vectorHash, SALT])
  }

  /** A whole vote: each of the voters commits, time passes, each reveals, time passes. Undefined: commits nothing. */
  vote(round: bigint, votes: ReadonlyMap<Address, Hex | undefined>): void {
    const cast = [...votes].filter((each): each is [Address, Hex] => each[1] !== undefined)
    for (const [voter, hash] of cast) this.commitVote(round, voter, hash)
    this.world.pass(votePeriod.development + 1n)
    for (const [voter, hash] of cast) this.revealVote(round, voter, hash)
    this.world.pass(revealPeriod.development)
  }

  /** Every holder of a seat votes for the hash. */
  agree(round: bigint, hash: Hex): void {
    this.vote(round, new Map([...this.draw(round).keys()].map((holder) => [holder, hash])))
  }

  passAppeal(): void {
    this.world.pass(appealPeriod.development)
  }

  rowHex(index: number): Hex {
    return hexOf(encodeRow(this.rows[index]!))
  }

  validatorStake(account: Address): { amount: bigint; locked: bigint } {
    return this.world.send(account, 'staking', 'stakeOf', [account, STAKE_ROLE.validator])
  }
}

/** A row's feature with some signs turned, as bytes and their hash. */
export function feature(row: Row, turnedSigns = 0): { vector: Hex; hash: Hex } {
  const signs = row.signs.map((byte, at) => byte ^ ((1 << Math.min(8, Math.max(0, turnedSigns - 8 * at))) - 1))
  return hashed(encodeFeature({ scale: row.scale, signs }))
}

export function hashed(bytes: Uint8Array): { vector: Hex; hash: Hex } {
  return { vector: hexOf(bytes), hash: hexOf(keccak256(bytes)) }
}
