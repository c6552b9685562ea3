/** Settlement by draws: what it pays on the average, what it refuses, and what it forfeits. */
import fc from 'fast-check'
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { LEAF_SKIP_REASON } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { parameterDefaults } from '../../../genesis/parameters.ts'
import { requestId } from '../../../protocol/request.ts'
import { wordHex } from '../../execution/bytes.ts'
import { Batching, DRAWS } from '../testing/batch-stage.ts'
import { DisputeStage } from '../testing/dispute-stage.ts'
import { CallFailed } from '../testing/ledger-harness.ts'

const { batchDraws, batchPeriod, drawDelay, lockMultiple } = parameterDefaults('development')

/** A stage whose prover settles by batches. */
function batchStage() {
  const stage = new DisputeStage()
  stage.world.epoch(50n)
  const stakeOfProver = () =>
    stage.world.send(stage.prover.address, 'staking', 'stakeOf', [stage.prover.address, STAKE_ROLE.prover])
  return { stage, batching: new Batching(stage), stakeOfProver }
}

/** A batch over two channels whose draws hit the first one's only leaf so often that they pay more than its fee. */
function overdrawn() {
  for (let seed = 0n; seed < 20n; seed++) {
    const { stage, batching } = batchStage()
    const other = stage.openChannel(parseEther('5'))
    const leaves = [stage.channel, other].map((channel, i) =>
      stage.honestLeaf({ channel, n: 1n, fee: parseEther(i === 0 ? '0.1' : '0.15'), entries: [] }),
    )
    const batch = batching.commit(leaves)
    batching.draw(seed * 1_000n)
    const draws = batching.hits(batch, leaves).get(0) ?? []
    if (draws.length * 10 > DRAWS * 4) return { stage, batching, batch, leaves, draws }
  }
  throw new Error('no seed draws so')
}

const failure = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof CallFailed) return `${error.errorName} ${error.args.at(-1)}`
    throw error
  }
  throw new Error('was expected to fail')
}

describe('a batch', () => {
  it('pays all of its fees by its draws, and locks as much stake as settling each would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(1n, 10n ** 17n), { minLength: 1, maxLength: 20 }),
        fc.bigInt(0n, 1n << 60n),
        (list, seed) => {
          const { stage, batching, stakeOfProver } = batchStage()
          const leaves = batching.leaves(list.map((fee) => fee + 100n))
          const fees = leaves.reduce((total, { fee }) => total + fee, 0n)
          const batch = batching.commit(leaves)
          expect(stakeOfProver().locked).toBe((fees / batchDraws) * batchDraws * lockMultiple)
          expect(stage.world.audit()).toEqual([])
          batching.draw(seed)
          batching.settleAll(batch, leaves)
          const { open, perDraw } = stage.world.send(stage.payer.address, 'attribution', 'getBatch', [batch])
          expect([open, perDraw]).toEqual([0n, fees / batchDraws])
          expect(stage.world.audit()).toEqual([])
          const credited = stage.world.events().filter(({ name }) => name === 'Credited')
          const paid = credited.reduce((total, { args }) => total + (args.amount as bigint), 0n)
          expect(paid).toBe(perDraw * batchDraws)
          const { settled } = stage.world.send(stage.payer.address, 'channels', 'getChannel', [stage.channel])
          expect(settled).toBe(fees)
        },
      ),
      { numRuns: 15 },
    )
  })

  it('pays on the average what settling every leaf pays', () => {
    // Alice's row is listed in the first leaf only, which has a fifth of the fees.
    const { stage, batching } = batchStage()
    const part = parseEther('0.02')
    const batches = 40
    for (let i = 0; i < batches; i++) {
      const [first = 0n, second = 0n] = [1n, 2n].map((n) => n + 2n * BigInt(i))
      const leaves = [
        stage.honestLeaf({ fee: part, n: first, asOf: stage.world.number, entries: [stage.entryOf(0)] }),
        stage.honestLeaf({ fee: part * 4n, n: second, asOf: stage.world.number, entries: [] }),
      ]
      const batch = batching.commit(leaves)
      batching.draw(BigInt(i) * 1_000n)
      batching.settleAll(batch, leaves)
    }
    const { address } = stage.alice
    const earned = stage.pendingOf(address) + stage.world.send(address, 'attribution', 'earnedOf', [address])
    // Of its fee: contributors 45 %, of which half goes by entries.
    const exact = (part * 45n * 50n) / 10_000n
    // 320 draws with p = 0.2: four standard deviations are 45 %.
    const ratio = Number((earned * 1_000n) / (exact * BigInt(batches))) / 1_000
    expect(Math.abs(ratio - 1)).toBeLessThan(0.45)
  })

  it('spends the numbers of its requests, alone and in batches', () => {
    const { stage, batching } = batchStage()
    expect(stage.settle(stage.honestLeaf({ fee: parseEther('0.1'), n: 3n }))).toBe(1n)
    const fees = [parseEther('0.1'), parseEther('0.1')]
    const refused = `ChannelRefused ${LEAF_SKIP_REASON.alreadySettled}`
    expect(failure(() => batching.commit(batching.leaves(fees, 3n)))).toBe(refused)
    batching.commit(batching.leaves(fees, 4n))
    expect(failure(() => batching.commit(batching.leaves(fees, 5n)))).toBe(refused)
    for (const n of [1n, 4n, 5n]) expect(stage.settle(stage.honestLeaf({ fee: parseEther('0.1'), n }))).toBe(0n)
    expect(stage.settle(stage.honestLeaf({ fee: parseEther('0.1'), n: 6n }))).toBe(1n)
  })

  it('is bounded by ceiling and deposit, and by the stake that is free', () => {
    const { stage, batching, stakeOfProver } = batchStage()
    const { channel, prover } = stage
    const parts = [{ channel, first: 1n, last: 2n, fees: parseEther('1') }]
    const send = () => stage.world.send(prover.address, 'attribution', 'settleBatch', [wordHex(1n), 2, parts, []])
    expect(failure(send)).toBe(`ChannelRefused ${LEAF_SKIP_REASON.overCeiling}`)
    expect(failure(() => batching.commit(batching.leaves([parseEther('11')])))).toBe(
      `ChannelRefused ${LEAF_SKIP_REASON.overDeposit}`,
    )
    const { amount } = stakeOfProver()
    stage.world.send(stage.payer.address, 'channels', 'topUp', [channel], { value: amount })
    expect(failure(() => batching.commit(batching.leaves([amount])))).toMatch(/^StakeTooSmall/)
  })
})

describe('a draw', () => {
  it('is not known when the batch is made, and names one leaf', () => {
    const { batching } = batchStage()
    const leaves = batching.leaves([1n, 2n, 3n].map((fee) => fee * 10n ** 16n))
    const batch = batching.commit(leaves)
    expect(failure(() => batching.positions(batch))).toBe(`DrawPending ${50n + drawDelay}`)
    batching.draw(7n)
    const [[index, draws]] = [...batching.hits(batch, leaves)] as [[number, number[]]]
    const other = (index + 1) % leaves.length
    expect(failure(() => batching.settleDraws(batch, draws, leaves, other))).toMatch(/^DrawElsewhere/)
    expect(failure(() => batching.settleDraws(batch, [DRAWS], leaves, index))).toMatch(/^InvalidField/)
    expect(failure(() => batching.settleDraws(batch, [draws[0]!, draws[0]!], leaves, index))).toMatch(/^DrawNotOpen/)
    const raised = leaves.map((leaf, i) => (i === index ? { ...leaf, fee: leaf.fee + 1n } : leaf))
    expect(failure(() => batching.settleDraws(batch, draws, raised, index))).toMatch(/^InvalidField/)
    batching.settleDraws(batch, draws, leaves, index)
    expect(failure(() => batching.settleDraws(batch, draws, leaves, index))).toMatch(/^LeafRefused/)
  })

  it('has a claim that is challenged as any other: its wei return to the channel, whatever they were', () => {
    const { stage, batching, stakeOfProver } = batchStage()
    const honest = batching.leaves([parseEther('0.1'), parseEther('0.1')])
    const wrong = honest.map((leaf) => ({ ...leaf, entries: leaf.entries.slice(0, 1) }))
    const batch = batching.commit(wrong)
    batching.draw(3n)
    const mark = stage.world.logs.length
    const [[index, draws]] = [...batching.hits(batch, wrong)] as [[number, number[]]]
    batching.settleDraws(batch, draws, wrong, index)
    const claim = stage.claimIn(mark)
    const omitted = honest[index]!.entries[1]!.row
    const before = stakeOfProver().amount
    expect(stage.challengeOmission(claim, wrong[index]!, omitted)).toBe(true)
    const { perDraw, lockPerDraw } = stage.world.send(stage.payer.address, 'attribution', 'getBatch', [batch])
    const count = BigInt(draws.length)
    expect(stakeOfProver().amount).toBe(before - lockPerDraw * count)
    const { deposit, settled } = stage.world.send(stage.payer.address, 'channels', 'getChannel', [stage.channel])
    expect(deposit - settled).toBe(parseEther('9.8') + perDraw * count)
    expect(stage.world.audit()).toEqual([])
  })

  it('of more than the channel was charged is a deposit of it when it is undone', () => {
    const { stage, batching, batch, leaves, draws } = overdrawn()
    const mark = stage.world.logs.length
    batching.settleDraws(batch, draws, leaves, 0)
    const { perDraw } = stage.world.send(stage.payer.address, 'attribution', 'getBatch', [batch])
    expect(perDraw * BigInt(draws.length)).toBeGreaterThan(leaves[0]!.fee)
    expect(stage.challengeOmission(stage.claimIn(mark), leaves[0]!, 0)).toBe(true)
    const { deposit, settled } = stage.world.send(stage.payer.address, 'channels', 'getChannel', [stage.channel])
    expect(settled).toBe(0n)
    expect(deposit).toBe(parseEther('10') + perDraw * BigInt(draws.length) - leaves[0]!.fee)
    expect(stage.world.audit()).toEqual([])
  })

  it('that is not settled by the deadline is forfeited: half of its stake to who reports it, its wei to the treasury', () => {
    const { stage, batching } = batchStage()
    const leaves = batching.leaves([parseEther('0.1'), parseEther('0.2')])
    const batch = batching.commit(leaves)
    const forfeit = () => stage.world.send(stage.carol.address, 'attribution', 'forfeitDraws', [batch])
    batching.draw(9n)
    expect(failure(forfeit)).toMatch(/^TooEarly/)
    const [index, settled] = [...batching.hits(batch, leaves)][0]!
    batching.settleDraws(batch, settled, leaves, index)
    stage.world.pass(batchPeriod)
    stage.world.epoch(51n + drawDelay)
    const left = DRAWS - settled.length
    expect(left).toBeGreaterThan(0)
    const before = stage.world.balance(stage.carol.address)
    const treasury = stage.world.send(stage.carol.address, 'attribution', 'treasury', [])
    const { lockPerDraw, perDraw } = stage.world.send(stage.carol.address, 'attribution', 'getBatch', [batch])
    expect(failure(() => batching.settleDraws(batch, [0], leaves, 0))).toMatch(/^BatchOver/)
    expect(forfeit()).toBe(left)
    const slashed = lockPerDraw * BigInt(left)
    expect(stage.world.balance(stage.carol.address) - before).toBe(slashed / 2n)
    expect(stage.world.send(stage.carol.address, 'attribution', 'treasury', []) - treasury).toBeGreaterThanOrEqual(
      perDraw * BigInt(left),
    )
    expect(failure(forfeit)).toMatch(/^BatchOver/)
    expect(stage.world.audit()).toEqual([])
  })

  it('settles a request once, under its own id', () => {
    const { stage, batching } = batchStage()
    const leaves = batching.leaves([parseEther('0.1')])
    const batch = batching.commit(leaves)
    batching.draw(1n)
    batching.settleDraws(batch, [0, 1], leaves, 0)
    const request = requestId(stage.channel, 1n)
    expect(stage.world.send(stage.payer.address, 'attribution', 'getSettlement', [request]).fee).toBe(
      (parseEther('0.1') / batchDraws) * 2n,
    )
    expect(failure(() => batching.settleDraws(batch, [2], leaves, 0))).toMatch(/^LeafRefused/)
  })
})
