import { type Hex, parseEther } from 'viem'
import { afterEach, describe, expect, it } from 'vitest'
import { CLAIM_STATUS, ROUND_STATUS } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, BURNED, NATIVE } from '../../../genesis/addresses.ts'
import { FEATURE_KIND, featureSubject, WHOLE_CURVATURE } from '../../../protocol/challenge.ts'
import { requestId } from '../../../protocol/request.ts'
import { hexOf } from '../calls/face.ts'
import { APPEAL_BOND, CommitteeStage, DRAW_WINDOW, feature, hashed, SEAT_REWARD } from '../testing/committee-stage.ts'
import { CHALLENGE_BOND } from '../testing/dispute-stage.ts'
import { VERSION_BOND, word } from '../testing/ledger-stage.ts'

const SEATS = 9n
/** Seconds, on a development network. */
const UNSTAKE_DELAY = 60n
let stage: CommitteeStage

afterEach(() => {
  expect(stage.world.audit()).toEqual([])
})

const wei = (who: Address) => stage.world.balance(who)
const statusOf = (round: bigint) => stage.world.send(stage.alice.address, 'attribution', 'getRound', [round]).status
const treasury = () => stage.world.send(stage.alice.address, 'attribution', 'treasury', [])
const decideRow = (round: bigint, index: number, vector: Hex) =>
  stage.world.send(stage.bob.address, 'attribution', 'decideRow', [round, stage.rowHex(index), vector])
const isLive = () => stage.world.send(stage.alice.address, 'models', 'isLive', [stage.version])

describe('a challenged row', () => {
  it('that is out of tolerance fails its version: half the bond to the challenger, the rest burned', () => {
    stage = new CommitteeStage()
    const { world, challenger } = stage
    const before = wei(challenger.address)
    const burned = wei(BURNED)
    const round = stage.challengeRow(1)
    const right = feature(stage.rows[1]!, 513)
    stage.agree(round, right.hash)
    expect(world.fails(stage.bob.address, 'attribution', 'decideRow', [round, stage.rowHex(1), right.vector])).toBe(
      'TooEarly',
    )
    stage.passAppeal()
    world.pass(1n)
    const held = [...stage.seats(round)].map(([holder, seats]) => ({ holder, seats, had: wei(holder) }))
    expect(decideRow(round, 1, right.vector)).toBe(true)
    expect(isLive()).toBe(false)
    expect(wei(challenger.address) - before).toBe(VERSION_BOND / 2n - SEATS * SEAT_REWARD)
    expect(wei(BURNED) - burned).toBe(VERSION_BOND / 2n)
    for (const { holder, seats, had } of held) expect(wei(holder) - had).toBe(BigInt(seats) * SEAT_REWARD)
    expect(statusOf(round)).toBe(ROUND_STATUS.upheld)
    expect(stage.validators.map(({ address }) => stage.validatorStake(address).locked)).toEqual([0n, 0n, 0n, 0n])
  })

  it('that is within tolerance costs the challenger its bond, of which the seats are paid', () => {
    stage = new CommitteeStage()
    const before = wei(stage.challenger.address)
    const round = stage.challengeRow(1)
    const right = feature(stage.rows[1]!, 512)
    stage.agree(round, right.hash)
    stage.passAppeal()
    stage.world.pass(1n)
    const had = treasury()
    expect(decideRow(round, 1, right.vector)).toBe(false)
    expect(isLive()).toBe(true)
    expect(before - wei(stage.challenger.address)).toBe(CHALLENGE_BOND)
    expect(treasury() - had).toBe(CHALLENGE_BOND - SEATS * SEAT_REWARD)
    // What is decided stays decided.
    const subject = featureSubject(FEATURE_KIND.row, stage.version, 1)
    expect(stage.world.send(stage.bob.address, 'attribution', 'roundOf', [subject])).toEqual([round, true])
    expect(() => stage.challengeRow(1)).toThrow('SubjectTaken')
  })

  it('is decided by nobody but two thirds of all seats: else the round is void and the bond returns', () => {
    stage = new CommitteeStage()
    const { world, challenger } = stage
    const before = wei(challenger.address)
    const round = stage.challengeRow(1)
    const seats = [...stage.draw(round).keys()]
    // Each has its own result.
    stage.vote(round, new Map(seats.map((holder, i) => [holder, word(1000 + i)])))
    stage.passAppeal()
    world.pass(1n)
    const { vector } = feature(stage.rows[1]!)
    expect(() => decideRow(round, 1, vector)).toThrow('NoDecision')
    world.send(stage.bob.address, 'attribution', 'voidRound', [round])
    expect(wei(challenger.address)).toBe(before)
    expect(stage.validatorStake(seats[0]!)).toMatchObject({ amount: parseEther('100'), locked: 0n })
    expect(statusOf(round)).toBe(ROUND_STATUS.void)
    // Nothing is decided, so it may be challenged again.
    expect(stage.challengeRow(1)).toBe(round + 1n)
  })

  it('is void where what was decided is not shown', () => {
    stage = new CommitteeStage()
    const { world } = stage
    const round = stage.challengeRow(1)
    stage.agree(round, word(5))
    stage.passAppeal()
    world.pass(1n)
    expect(world.fails(stage.bob.address, 'attribution', 'voidRound', [round])).toBe('TooEarly')
    stage.passAppeal()
    world.send(stage.bob.address, 'attribution', 'voidRound', [round])
    expect(statusOf(round)).toBe(ROUND_STATUS.void)
  })

  it('of a void window has scale 0', () => {
    stage = new CommitteeStage()
    const round = stage.challengeRow(1)
    const nothing = hashed(new Uint8Array(4_098))
    stage.agree(round, nothing.hash)
    stage.passAppeal()
    stage.world.pass(1n)
    expect(decideRow(round, 1, nothing.vector)).toBe(true)
  })
})

describe('the bond of a challenged version', () => {
  const holds = (version = stage.version) =>
    stage.world.send(stage.alice.address, 'models', 'standingOf', [version]).holds

  /** Retires the version at once, and lets the delay of its bond pass by. */
  const retired = () => {
    const { world, owner } = stage
    world.send(owner.address, 'models', 'retireVersion', [stage.version])
    return stage.challengeRow(1)
  }
  const reclaim = () => stage.world.fails(stage.owner.address, 'models', 'reclaimVersionBond', [stage.version])

  it('stays while a round about a row of it is open, and pays for the fault', () => {
    stage = new CommitteeStage()
    const before = wei(stage.challenger.address)
    const round = retired()
    const right = feature(stage.rows[1]!, 513)
    stage.agree(round, right.hash)
    stage.passAppeal()
    stage.world.pass(UNSTAKE_DELAY)
    expect([reclaim(), holds()]).toEqual(['VersionHeld', 1n])
    expect(decideRow(round, 1, right.vector)).toBe(true)
    expect(wei(stage.challenger.address) - before).toBe(VERSION_BOND / 2n - SEATS * SEAT_REWARD)
    expect([reclaim(), holds()]).toEqual(['NothingToWithdraw', 0n])
  })

  it.each([
    ['finds no fault', (round: bigint) => stage.agree(round, feature(stage.rows[1]!).hash), true],
    ['was never drawn', () => {}, false],
    ['was drawn, and nobody voted', (round: bigint) => stage.draw(round), false],
    [
      'was appealed, and nobody voted again',
      (round: bigint) => {
        stage.vote(round, new Map([...stage.draw(round).keys()].map((holder, i) => [holder, word(1000 + i)])))
        stage.world.pass(1n)
        const { challenger, world } = stage
        world.send(challenger.address, 'attribution', 'appealRound', [round], { value: APPEAL_BOND })
      },
      false,
    ],
  ])('is free once a round %s', (_, happens, isDecided) => {
    stage = new CommitteeStage()
    const { world, bob } = stage
    const round = retired()
    happens(round)
    expect(holds()).toBe(1n)
    if (isDecided) {
      stage.passAppeal()
      world.pass(1n)
      expect(decideRow(round, 1, feature(stage.rows[1]!).vector)).toBe(false)
    } else {
      stage.reach(stage.l1 + 2n * DRAW_WINDOW)
      world.pass(1_000n)
      world.send(bob.address, 'attribution', 'voidRound', [round])
    }
    expect(holds()).toBe(0n)
    world.pass(UNSTAKE_DELAY)
    world.send(stage.owner.address, 'models', 'reclaimVersionBond', [stage.version])
  })

  it('is held by each round about its curvature, and by none about a query', () => {
    stage = new CommitteeStage()
    const { world, challenger } = stage
    const salt = stage.commitChallenge(featureSubject(FEATURE_KIND.curvature, stage.version, WHOLE_CURVATURE))
    const args = [stage.version, WHOLE_CURVATURE, '0x', salt] as const
    world.send(challenger.address, 'attribution', 'challengeCurvature', args)
    stage.challengeRow(1)
    expect(holds()).toBe(2n)
    const leaf = stage.honestLeaf()
    stage.challengeQuery(stage.opened(leaf), leaf)
    expect(holds()).toBe(2n)
  })
})

describe('a challenged query', () => {
  const decideQuery = (round: bigint, claim: Hex, leaf: ReturnType<CommitteeStage['honestLeaf']>, vector: Hex) =>
    stage.world.send(stage.bob.address, 'attribution', 'decideQuery', [round, claim, leaf, stage.queryHex, vector])
  const queryMoved = (count: number) =>
    hashed(new Uint8Array(stage.query.map((each, k) => (k < count ? each - Math.sign(each) : each)).buffer))
  const claimStatus = (request: Hex) => stage.world.send(stage.bob.address, 'attribution', 'claimOf', [request])[1]

  it('that is wrong undoes its claim: half the lock to the challenger, the fee back in its channel', () => {
    stage = new CommitteeStage()
    const { world, prover, alice } = stage
    const leaf = stage.honestLeaf()
    const claim = stage.opened(leaf)
    const before = wei(stage.challenger.address)
    const round = stage.challengeQuery(claim, leaf)
    const request = requestId(leaf.channel, leaf.n)
    expect([claimStatus(request), stage.pendingOf(alice.address)]).toEqual([CLAIM_STATUS.questioned, 0n])
    const right = queryMoved(513)
    stage.agree(round, right.hash)
    stage.passAppeal()
    world.pass(1n)
    expect(decideQuery(round, claim, leaf, right.vector)).toBe(true)
    const lock = 4n * leaf.fee
    expect(wei(stage.challenger.address) - before).toBe(lock / 2n - SEATS * SEAT_REWARD)
    expect(world.send(prover.address, 'staking', 'stakeOf', [prover.address, STAKE_ROLE.prover])).toMatchObject({
      ...{ amount: parseEther('1000') - lock, locked: 0n },
    })
    expect(claimStatus(request)).toBe(CLAIM_STATUS.undone)
  })

  it('freezes its claim while the round is open; a right one is credited anew', () => {
    stage = new CommitteeStage()
    const { world, alice } = stage
    const leaf = stage.honestLeaf()
    const claim = stage.opened(leaf)
    const owed = stage.pendingOf(alice.address)
    const round = stage.challengeQuery(claim, leaf)
    // A demand that was answered long ago punishes nobody now.
    expect(world.fails(alice.address, 'attribution', 'punishHidden', [claim, leaf])).toBe('NotDemanded')
    const right = queryMoved(512)
    stage.agree(round, right.hash)
    stage.passAppeal()
    world.pass(1n)
    expect(world.fails(alice.address, 'attribution', 'releaseClaim', [claim, leaf])).toBe('NotHeld')
    expect(decideQuery(round, claim, leaf, right.vector)).toBe(false)
    expect(stage.pendingOf(alice.address)).toBe(owed)
    world.pass(24n)
    world.mature()
    expect(world.send(alice.address, 'attribution', 'earnedOf', [alice.address])).toBe(owed)
  })

  it('is free again after a void round, by anybody’s word', () => {
    stage = new CommitteeStage()
    const { world, alice } = stage
    const leaf = stage.honestLeaf()
    const claim = stage.opened(leaf)
    const owed = stage.pendingOf(alice.address)
    const round = stage.challengeQuery(claim, leaf)
    stage.draw(round)
    world.pass(1_000n)
    world.send(alice.address, 'attribution', 'voidRound', [round])
    expect(stage.pendingOf(alice.address)).toBe(0n)
    world.send(alice.address, 'attribution', 'releaseClaim', [claim, leaf])
    expect(stage.pendingOf(alice.address)).toBe(owed)
    expect(world.fails(alice.address, 'attribution', 'releaseClaim', [claim, leaf])).toBe('InvalidField claim')
  })

  it('must have been shown: of a request that nobody opened it cannot be recomputed', () => {
    stage = new CommitteeStage()
    const leaf = stage.honestLeaf()
    const claim = stage.claim(leaf)
    expect(() => stage.challengeQuery(claim, leaf)).toThrow('NotRevealed')
  })

  it('may be disproved otherwise meanwhile: the round then ends void', () => {
    stage = new CommitteeStage()
    const { world, bob } = stage
    const honest = stage.honestLeaf()
    const leaf = {
      ...honest,
      entries: honest.entries.map((each, i) => (i === 0 ? { ...each, raw: each.raw + 1 } : each)),
    }
    const claim = stage.opened(leaf)
    const round = stage.challengeQuery(claim, leaf)
    expect(stage.challengeScore(claim, leaf, 0, leaf.entries[0]!.row)).toBe(true)
    stage.agree(round, word(5))
    stage.passAppeal()
    stage.passAppeal()
    world.pass(1n)
    expect(() => decideQuery(round, claim, leaf, '0x')).toThrow('ClaimUndoneBefore')
    world.send(bob.address, 'attribution', 'voidRound', [round])
  })
})

describe('a challenged curvature', () => {
  const committed = word(0)

  it('is challenged block by block, by the hashes under its own', () => {
    stage = new CommitteeStage()
    const { world, challenger, bob } = stage
    const parts = new Uint8Array(30 + 3 * 32).map((_, at) => at)
    const version = stage.publishCurvature(hashed(parts).hash)
    const open = (block: number, shown: Uint8Array) => {
      const salt = stage.commitChallenge(featureSubject(FEATURE_KIND.curvature, version, block))
      const args = [version, block, hexOf(shown), salt] as const
      return world.send(challenger.address, 'attribution', 'challengeCurvature', args)
    }
    const second = hexOf(parts.subarray(62, 94))
    const round = open(1, parts)
    expect(world.send(bob.address, 'attribution', 'getRound', [round]).committed).toBe(second)
    expect(() => open(3, parts)).toThrow('InvalidField(blockIndex')
    expect(() => open(0, parts.subarray(1))).toThrow('InvalidField(parts')
    stage.agree(round, second)
    stage.passAppeal()
    world.pass(1n)
    expect(world.send(bob.address, 'attribution', 'decideCurvature', [round])).toBe(false)
  })

  it('of another hash fails its version, to the last bit', () => {
    stage = new CommitteeStage()
    const { world, challenger, bob } = stage
    const salt = stage.commitChallenge(featureSubject(FEATURE_KIND.curvature, stage.version, WHOLE_CURVATURE))
    const args = [stage.version, WHOLE_CURVATURE, '0x', salt] as const
    const round = world.send(challenger.address, 'attribution', 'challengeCurvature', args)
    expect(world.send(bob.address, 'attribution', 'getRound', [round])).toMatchObject({ committed })
    stage.agree(round, word(77))
    stage.passAppeal()
    world.pass(1n)
    expect(world.send(bob.address, 'attribution', 'decideCurvature', [round])).toBe(true)
    expect(isLive()).toBe(false)
  })
})

it('Attribution keeps nothing of a round that has ended', () => {
  stage = new CommitteeStage()
  const before = wei(NATIVE.attribution)
  const round = stage.challengeRow(1)
  stage.draw(round)
  stage.world.pass(1_000n)
  const had = treasury()
  stage.world.send(stage.bob.address, 'attribution', 'voidRound', [round])
  expect(wei(NATIVE.attribution) - before).toBe(treasury() - had)
})
