/** Who is drawn, how votes are cast, and what an appeal changes. */
import { type Hex, parseEther } from 'viem'
import { afterEach, describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, NATIVE } from '../../../genesis/addresses.ts'
import { PARAMETERS, parameterSlot } from '../../../genesis/parameters.ts'
import { seatCommitment } from '../../../protocol/challenge.ts'
import {
  APPEAL_BOND,
  CommitteeStage,
  DRAW_DELAY,
  DRAW_WINDOW,
  feature,
  SEAT_REWARD,
  SEAT_STAKE,
} from '../testing/committee-stage.ts'
import { CHALLENGE_BOND } from '../testing/dispute-stage.ts'
import { actor, word } from '../testing/ledger-stage.ts'

const SEATS = 9n
let stage: CommitteeStage

afterEach(() => {
  expect(stage.world.audit()).toEqual([])
})

const wei = (who: Address) => stage.world.balance(who)
const treasury = () => stage.world.send(stage.alice.address, 'attribution', 'treasury', [])
const decideRow = (round: bigint, index: number, vector: Hex) =>
  stage.world.send(stage.bob.address, 'attribution', 'decideRow', [round, stage.rowHex(index), vector])
const isLive = () => stage.world.send(stage.alice.address, 'models', 'isLive', [stage.version])

describe('who was drawn', () => {
  it('has its stake locked, and loses that part where it reveals nothing', () => {
    stage = new CommitteeStage()
    const { world } = stage
    const round = stage.challengeRow(1)
    const [[silent, seats], ...rest] = [...stage.draw(round)] as [[Address, number], ...[Address, number][]]
    expect(stage.validatorStake(silent).locked).toBe(BigInt(seats) * SEAT_STAKE)
    const free = parseEther('100') - BigInt(seats) * SEAT_STAKE
    expect(world.fails(silent, 'staking', 'unstake', [STAKE_ROLE.validator, free + 1n])).toBe('NotEnoughFreeStake')
    stage.vote(round, new Map(rest.map(([holder]) => [holder, word(5)])))
    stage.passAppeal()
    stage.passAppeal()
    world.pass(1n)
    const had = treasury()
    world.send(stage.bob.address, 'attribution', 'voidRound', [round])
    const slashed = BigInt(seats) * SEAT_STAKE
    expect(treasury() - had).toBe(slashed)
    expect(stage.validatorStake(silent)).toMatchObject({ amount: parseEther('100') - slashed, locked: 0n })
  })

  it('votes once, in its time, and shows what it committed to', () => {
    stage = new CommitteeStage()
    const { world } = stage
    const round = stage.challengeRow(1)
    const [one, other] = [...stage.draw(round).keys()] as [Address, Address]
    const copied = seatCommitment({ round, vectorHash: word(5), salt: word(99), voter: one })
    stage.commitVote(round, one, word(5))
    expect(world.fails(one, 'attribution', 'commitSeat', [round, word(6)])).toBe('AlreadyVoted')
    // Another's commitment is of no use.
    world.send(other, 'attribution', 'commitSeat', [round, copied])
    expect(world.fails(one, 'attribution', 'revealSeat', [round, word(5), word(99)])).toBe('TooEarly')
    world.pass(13n)
    expect(world.fails(other, 'attribution', 'revealSeat', [round, word(5), word(99)])).toBe('InvalidField salt')
    stage.revealVote(round, one, word(5))
    expect(world.fails(one, 'attribution', 'revealSeat', [round, word(5), word(99)])).toBe('AlreadyVoted')
    world.pass(20n)
    expect(world.fails(other, 'attribution', 'revealSeat', [round, word(5), word(99)])).toBe('RoundTooLate')
  })

  it('may hold several seats: all of them, where there is one validator', () => {
    stage = new CommitteeStage()
    for (const { address } of stage.others)
      stage.world.send(address, 'staking', 'unstake', [STAKE_ROLE.validator, parseEther('100')])
    stage.reach(stage.l1 + DRAW_WINDOW)
    expect(stage.draw(stage.challengeRow(1))).toEqual(new Map([[stage.validator.address, 9]]))
  })

  it('was drawn for nine seats, by stakes and randomness that no waiting changes', () => {
    stage = new CommitteeStage()
    const { world, bob } = stage
    const round = stage.challengeRow(1)
    const { drawAt, boundary, drawUntil } = world.send(bob.address, 'attribution', 'getRound', [round])
    expect([drawAt - stage.l1, boundary, drawUntil - boundary]).toEqual([DRAW_DELAY, stage.l1, DRAW_WINDOW])
    stage.reach(drawAt - 1n)
    expect(world.fails(bob.address, 'attribution', 'drawCommittee', [round])).toBe('NotDrawable')
    stage.reach(drawAt)
    /** The seats as they would be drawn after an act. */
    const drawnAfter = (act: () => void): Map<Address, number> => {
      let seats = new Map<Address, number>()
      const frame = () =>
        world.frame(() => {
          act()
          world.send(bob.address, 'attribution', 'drawCommittee', [round])
          seats = stage.seats(round)
          throw new Error('undone')
        })
      expect(frame).toThrow('undone')
      return seats
    }
    const seats = drawnAfter(() => {})
    expect([...seats.values()].reduce((a, b) => a + b)).toBe(9)
    // Who knows the draw, and then waits, stakes, or leaves with a part of its stake, changes nothing.
    const wait = () => stage.reach(drawUntil - 1n)
    const join = () => stage.stake(bob, STAKE_ROLE.validator, parseEther('5000'))
    const leave = () =>
      world.send(stage.validator.address, 'staking', 'unstake', [STAKE_ROLE.validator, parseEther('80')])
    for (const act of [wait, join, leave, () => [wait(), join(), leave()]]) expect(drawnAfter(act)).toEqual(seats)
  })

  it('is drawn after the next boundary where the challenge comes late in a window', () => {
    stage = new CommitteeStage()
    const next = stage.l1 + DRAW_WINDOW
    stage.reach(stage.l1 + 2n * DRAW_DELAY)
    const round = stage.challengeRow(1)
    expect(stage.world.send(stage.bob.address, 'attribution', 'getRound', [round])).toMatchObject({
      ...{ boundary: next, drawAt: next + DRAW_DELAY, drawUntil: next + DRAW_WINDOW },
    })
  })

  it('is nobody where nobody draws in time: the round is void', () => {
    stage = new CommitteeStage()
    const { world, bob, challenger } = stage
    const before = wei(challenger.address)
    const round = stage.challengeRow(1)
    const { drawAt, drawUntil } = world.send(bob.address, 'attribution', 'getRound', [round])
    stage.reach(drawAt)
    expect(world.fails(bob.address, 'attribution', 'voidRound', [round])).toBe('NotDrawable')
    stage.reach(drawUntil)
    expect(world.fails(bob.address, 'attribution', 'drawCommittee', [round])).toBe('NotDrawable')
    world.send(bob.address, 'attribution', 'voidRound', [round])
    expect(wei(challenger.address)).toBe(before)
  })
})

describe('an appeal', () => {
  const appealed = (hash: Hex) => {
    const round = stage.challengeRow(1)
    stage.agree(round, hash)
    stage.world.pass(1n)
    stage.world.send(stage.owner.address, 'attribution', 'appealRound', [round], { value: APPEAL_BOND })
    return round
  }
  const all = (hash: Hex) => new Map(stage.validators.map(({ address }) => [address, hash] as const))

  it('is decided by all validators, and puts a wrong committee right', () => {
    stage = new CommitteeStage()
    const { owner, world } = stage
    const before = wei(owner.address)
    const wrong = feature(stage.rows[1]!, 600)
    const right = feature(stage.rows[1]!)
    const round = appealed(wrong.hash)
    stage.vote(round, all(right.hash))
    world.pass(1n)
    expect(decideRow(round, 1, right.vector)).toBe(false)
    expect([isLive(), wei(owner.address)]).toEqual([true, before])
    // Seats that revealed what was not decided are paid nothing.
    expect(world.events().filter(({ name }) => name === 'SeatPaid')).toEqual([])
  })

  it('that finds the same loses its bond', () => {
    stage = new CommitteeStage()
    const { owner } = stage
    const before = wei(owner.address)
    const right = feature(stage.rows[1]!)
    const round = appealed(right.hash)
    stage.vote(round, all(right.hash))
    stage.world.pass(1n)
    const had = treasury()
    decideRow(round, 1, right.vector)
    expect(before - wei(owner.address)).toBe(APPEAL_BOND)
    expect(treasury() - had).toBe(APPEAL_BOND + CHALLENGE_BOND - SEATS * SEAT_REWARD)
  })

  it('without half of all stake for one result changes nothing, and returns its bond', () => {
    stage = new CommitteeStage()
    const { owner } = stage
    const before = wei(owner.address)
    const wrong = feature(stage.rows[1]!, 600)
    const round = appealed(wrong.hash)
    stage.vote(round, new Map([...all(feature(stage.rows[1]!).hash)].slice(0, 1)))
    stage.world.pass(1n)
    expect(decideRow(round, 1, wrong.vector)).toBe(true)
    expect([isLive(), wei(owner.address)]).toEqual([false, before])
  })

  it('is not undone by stake that comes after its votes', () => {
    stage = new CommitteeStage()
    const { world, bob } = stage
    const right = feature(stage.rows[1]!)
    const round = appealed(feature(stage.rows[1]!, 600).hash)
    stage.vote(round, all(right.hash))
    world.pass(1n)
    // Whoever sees the result has more stake than all who voted, and is gone again in the same block.
    world.fund(bob.address, parseEther('10000'))
    stage.stake(bob, STAKE_ROLE.validator, parseEther('5000'))
    expect(decideRow(round, 1, right.vector)).toBe(false)
    expect(isLive()).toBe(true)
  })

  it('needs half of the stake that there was at its last vote', () => {
    stage = new CommitteeStage()
    const { world, bob } = stage
    const wrong = feature(stage.rows[1]!, 600)
    const round = appealed(wrong.hash)
    world.fund(bob.address, parseEther('10000'))
    stage.stake(bob, STAKE_ROLE.validator, parseEther('5000'))
    stage.vote(round, all(feature(stage.rows[1]!).hash))
    world.pass(1n)
    expect(decideRow(round, 1, wrong.vector)).toBe(true)
  })

  it('decides where the committee could not', () => {
    stage = new CommitteeStage()
    const { world, owner } = stage
    const round = stage.challengeRow(1)
    stage.vote(round, new Map([...stage.draw(round).keys()].map((holder, i) => [holder, word(1000 + i)])))
    world.pass(1n)
    world.send(owner.address, 'attribution', 'appealRound', [round], { value: APPEAL_BOND })
    const right = feature(stage.rows[1]!, 513)
    stage.vote(round, all(right.hash))
    world.pass(1n)
    expect(decideRow(round, 1, right.vector)).toBe(true)
  })

  it('comes after the reveals and before its deadline, of a round that votes', () => {
    stage = new CommitteeStage()
    const { world, owner } = stage
    const appeal = (round: bigint) =>
      world.fails(owner.address, 'attribution', 'appealRound', [round], { value: APPEAL_BOND })
    const round = stage.challengeRow(1)
    expect(appeal(round)).toBe('RoundNotOpen')
    stage.draw(round)
    expect(appeal(round)).toBe('TooEarly')
    world.pass(100n)
    expect(appeal(round)).toBe('RoundTooLate')
  })
})

it('drawing and ending the largest committee fit a block', () => {
  stage = new CommitteeStage()
  const { world, bob } = stage
  for (let i = 0; i < 40; i++) {
    const one = actor(150 + i)
    world.fund(one.address, parseEther('1000'))
    stage.stake(one, STAKE_ROLE.validator, parseEther('100'))
  }
  world.storage.set(NATIVE.parameters + parameterSlot(PARAMETERS.committeeSize.id), 33n)
  stage.reach(stage.l1 + DRAW_WINDOW)
  const round = stage.challengeRow(1)
  const holders = stage.draw(round)
  const drawing = world.gasUsed
  stage.vote(round, new Map())
  world.pass(1_000n)
  world.send(bob.address, 'attribution', 'voidRound', [round])
  expect(holders.size).toBeGreaterThan(15)
  // A block has 15M.
  expect([drawing < 5_000_000n, world.gasUsed < 5_000_000n]).toEqual([true, true])
})
