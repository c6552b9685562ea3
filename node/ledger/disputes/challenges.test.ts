/** Challenges of a settled leaf, by honest and by lying people on both sides. */
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { CLAIM_STATUS } from '../../../genesis/abi/attribution.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { challengeCommitment } from '../../../protocol/challenge.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { queryHash } from '../../../protocol/query.ts'
import { requestId } from '../../../protocol/request.ts'
import { hexOf } from '../calls/face.ts'
import { CHALLENGE_BOND, DisputeStage } from '../testing/dispute-stage.ts'
import { GOVERNOR } from '../testing/ledger-harness.ts'
import { word } from '../testing/ledger-stage.ts'

const LOCK = parseEther('4')

/** A leaf whose entry `index` is changed. */
function altered(leaf: Leaf, index: number, changes: Partial<Leaf['entries'][number]>): Leaf {
  return { ...leaf, entries: leaf.entries.map((entry, i) => (i === index ? { ...entry, ...changes } : entry)) }
}

function statusOf(stage: DisputeStage, leaf: Leaf): number {
  return stage.world.send(stage.alice.address, 'attribution', 'claimOf', [requestId(leaf.channel, leaf.n)])[1]
}

describe('an upheld challenge', () => {
  it('returns the fee to the channel, takes all credits back, pays the challenger half of the lock and burns the rest', () => {
    const stage = new DisputeStage()
    const { world, challenger, prover, channel } = stage
    const honest = stage.honestLeaf()
    const leaf = altered(honest, 0, { raw: honest.entries[0]!.raw + 1 })
    const claim = stage.claim(leaf)
    const before = world.balance(challenger.address)
    expect(stage.challengeScore(claim, leaf, 0, leaf.entries[0]!.row)).toBe(true)
    expect(world.balance(challenger.address)).toBe(before + LOCK / 2n)
    expect(world.balance('0x000000000000000000000000000000000000dead')).toBe(LOCK / 2n)
    expect(world.send(prover.address, 'channels', 'getChannel', [channel]).settled).toBe(0n)
    expect(world.send(prover.address, 'staking', 'stakeOf', [prover.address, STAKE_ROLE.prover])).toMatchObject({
      amount: parseEther('1000') - LOCK,
      locked: 0n,
    })
    for (const { address } of [...stage.contributors, stage.owner, prover]) expect(stage.pendingOf(address)).toBe(0n)
    expect(statusOf(stage, leaf)).toBe(CLAIM_STATUS.undone)
    expect(world.audit()).toEqual([])
    // The request stays spent, and a claim is undone once.
    stage.settle(stage.honestLeaf())
    expect(world.events().at(-1)).toMatchObject({ name: 'LeafSkipped', args: { reason: 3 } })
    const args = [claim, leaf, 0, stage.queryHex, stage.evidence(0), word(1)] as const
    expect(world.fails(challenger.address, 'attribution', 'challengeScore', args)).toBe('ClaimUndoneBefore')
    world.pass(24n)
    world.mature()
    expect(world.audit()).toEqual([])
  })

  it('leaves, when all has matured, what there would be had the request never been settled, but for the slash', () => {
    const observe = (dishonest: boolean) => {
      const stage = new DisputeStage()
      const { world, prover } = stage
      const honest = stage.honestLeaf()
      stage.claim({ ...honest, n: 1n })
      if (dishonest) {
        const leaf = altered({ ...honest, n: 2n }, 0, { raw: honest.entries[0]!.raw + 1 })
        const claim = stage.claim(leaf)
        expect(stage.challengeScore(claim, leaf, 0, leaf.entries[0]!.row)).toBe(true)
      } else world.pass(1n)
      stage.claim({ ...honest, n: 3n, asOf: world.number })
      for (let late = 0; late < 3; late++) {
        world.pass(24n)
        world.mature()
      }
      const read = (address: `0x${string}`) => [
        world.send(address, 'attribution', 'earnedOf', [address]),
        world.send(address, 'attribution', 'incomeOf', [stage.datanet, address]),
        stage.pendingOf(address),
      ]
      const stake = world.send(prover.address, 'staking', 'stakeOf', [prover.address, STAKE_ROLE.prover])
      return {
        people: [...stage.contributors, stage.owner, prover].map(({ address }) => read(address)),
        channel: world.send(prover.address, 'channels', 'getChannel', [stage.channel]),
        treasury: world.send(prover.address, 'attribution', 'treasury', []),
        locked: stake.locked,
        staked: stake.amount + (dishonest ? LOCK : 0n),
        audit: world.audit(),
      }
    }
    expect(observe(true)).toEqual(observe(false))
  })

  it('of oneself costs half of the lock', () => {
    const stage = new DisputeStage()
    const { world, prover } = stage
    const honest = stage.honestLeaf()
    const leaf = altered(honest, 0, { raw: honest.entries[0]!.raw + 1 })
    const claim = stage.claim(leaf)
    const before = world.balance(prover.address)
    expect(stage.challengeScore(claim, leaf, 0, leaf.entries[0]!.row, prover)).toBe(true)
    expect(world.balance(prover.address) - before).toBe(LOCK / 2n)
  })

  it('pays the fee back to the payer where the channel has been refunded meanwhile', () => {
    const stage = new DisputeStage()
    const { world, payer } = stage
    world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.channelCloseDelay.id, 1n])
    const honest = stage.honestLeaf()
    const leaf = altered(honest, 0, { raw: honest.entries[0]!.raw + 1 })
    const claim = stage.claim(leaf)
    world.send(payer.address, 'channels', 'close', [stage.channel])
    world.pass(1n)
    world.send(payer.address, 'channels', 'refund', [stage.channel])
    const before = world.balance(payer.address)
    expect(stage.challengeScore(claim, leaf, 0, leaf.entries[0]!.row)).toBe(true)
    expect(world.balance(payer.address)).toBe(before + leaf.fee)
    expect(world.audit()).toEqual([])
  })
})

describe('a false challenge', () => {
  it.each(['score', 'omission'] as const)(
    'of a true %s loses its bond to the treasury, and the claim stands',
    (what) => {
      const stage = new DisputeStage()
      const { world, challenger } = stage
      const leaf = stage.honestLeaf()
      const claim = stage.claim(leaf)
      const before = world.balance(challenger.address)
      const upheld =
        what === 'score'
          ? stage.challengeScore(claim, leaf, 0, leaf.entries[0]!.row)
          : stage.challengeOmission(claim, leaf, leaf.entries[3]!.row)
      expect(upheld).toBe(false)
      expect(world.balance(challenger.address)).toBe(before - CHALLENGE_BOND)
      expect(world.send(challenger.address, 'attribution', 'treasury', [])).toBe(CHALLENGE_BOND)
      expect(statusOf(stage, leaf)).toBe(CLAIM_STATUS.standing)
      expect(world.audit()).toEqual([])
    },
  )

  it('cannot be made with another row, query, leaf or claim, nor after maturity', () => {
    const stage = new DisputeStage()
    const { world, challenger } = stage
    const leaf = stage.honestLeaf()
    const claim = stage.claim(leaf)
    const other = stage.claim(stage.honestLeaf({ n: 1n, fee: 5n }))
    const salt = stage.commitChallenge(requestId(leaf.channel, leaf.n))
    const row = leaf.entries[0]!.row
    const evidence = stage.evidence(row)
    const fails = (...args: Parameters<typeof stage.world.send<'attribution', 'challengeScore'>>[3]) =>
      world.fails(challenger.address, 'attribution', 'challengeScore', args)
    const query = stage.queryHex
    expect(fails(other, leaf, 0, query, evidence, salt)).toBe('InvalidField claim')
    expect(fails(claim, altered(leaf, 0, { raw: 40_000 }), 0, query, evidence, salt)).toBe('InvalidField leaf')
    expect(fails(claim, { ...leaf, n: 9n }, 0, query, evidence, salt)).toBe('UnknownClaim')
    expect(fails(claim, leaf, 5, query, evidence, salt)).toBe('InvalidField entry')
    expect(fails(claim, leaf, 0, hexOf(new Uint8Array(32_768)), evidence, salt)).toBe('InvalidField query')
    expect(fails(claim, leaf, 1, query, evidence, salt)).toBe('InvalidField evidence')
    const forged = { ...evidence, row: `0x${evidence.row.slice(2, -2)}00` as const }
    expect(fails(claim, leaf, 0, query, forged, salt)).toBe('InvalidField evidence')
    expect(fails(claim, leaf, 0, query, { ...evidence, row: '0x00' }, salt)).toBe('InvalidField evidence')
    world.pass(24n)
    expect(fails(claim, leaf, 0, query, evidence, salt)).toBe('ClaimMatured')
  })
})

describe('a commitment to challenge', () => {
  it('must be the challenger’s own and from an earlier block, so that nobody takes a proof out of the mempool', () => {
    const stage = new DisputeStage()
    const { world, challenger, bob } = stage
    const honest = stage.honestLeaf()
    const leaf = altered(honest, 0, { raw: honest.entries[0]!.raw + 1 })
    const claim = stage.claim(leaf)
    const subject = requestId(leaf.channel, leaf.n)
    const salt = stage.commitChallenge(subject)
    const args = [claim, leaf, 0, stage.queryHex, stage.evidence(leaf.entries[0]!.row), salt] as const
    expect(world.fails(bob.address, 'attribution', 'challengeScore', args)).toBe('UnknownChallenge')
    const commitment = challengeCommitment({ challenger: bob.address, subject, salt })
    world.send(bob.address, 'attribution', 'commitChallenge', [commitment], { value: CHALLENGE_BOND })
    expect(world.fails(bob.address, 'attribution', 'challengeScore', args)).toBe('ChallengeTooYoung')
    expect(world.send(challenger.address, 'attribution', 'challengeScore', args)).toBe(true)
    world.pass(1n)
    const before = world.balance(bob.address)
    world.send(bob.address, 'attribution', 'reclaimChallengeBond', [commitment])
    expect(world.balance(bob.address)).toBe(before + CHALLENGE_BOND)
    expect(world.audit()).toEqual([])
  })
})

describe('challenge 1 upholds', () => {
  it.each([
    ['a raw too high', { raw: 1 }],
    ['a raw too low', { raw: -1 }],
    ['a scale', { scale: 1 }],
  ] as const)('%s', (_, change) => {
    const stage = new DisputeStage()
    const honest = stage.honestLeaf()
    const entry = honest.entries[0]!
    const raw = entry.raw + ('raw' in change ? change.raw : 0)
    const leaf = altered(honest, 0, { raw, scale: entry.scale + ('scale' in change ? change.scale : 0) })
    expect(stage.challengeScore(stage.claim(leaf), leaf, 0, entry.row)).toBe(true)
  })

  it('a cluster that is not the row’s', () => {
    const stage = new DisputeStage()
    const honest = stage.honestLeaf()
    const cluster = stage.clusters.find((other) => other !== honest.entries[0]!.cluster)!
    const leaf = altered(honest, 0, { cluster })
    expect(stage.challengeScore(stage.claim(leaf), leaf, 0, leaf.entries[0]!.row)).toBe(true)
  })

  it('a leaf whose own query is ill formed', () => {
    const stage = new DisputeStage()
    stage.query.fill(1)
    const leaf = { ...new DisputeStage().honestLeaf(), channel: stage.channel, queryHash: queryHash(stage.query) }
    expect(stage.challengeScore(stage.claim(leaf), leaf, 0, leaf.entries[0]!.row)).toBe(true)
  })
})

describe('challenge 2', () => {
  it('upholds a row above theta that is not listed', () => {
    const stage = new DisputeStage()
    const honest = stage.honestLeaf()
    const leaf = { ...honest, entries: honest.entries.slice(0, 3) }
    expect(stage.challengeOmission(stage.claim(leaf), leaf, honest.entries[3]!.row)).toBe(true)
  })

  it('upholds a row whose cluster is listed by another one of its rows', () => {
    for (const missing of [0, 4]) {
      const stage = new DisputeStage()
      const honest = stage.honestLeaf()
      const leaf = { ...honest, entries: honest.entries.filter(({ row }) => row !== missing) }
      expect(stage.challengeOmission(stage.claim(leaf), leaf, missing)).toBe(true)
    }
  })

  it('of a full leaf upholds only a row that precedes the last entry, by the parameters of the settlement', () => {
    for (const [keep, upheld] of [
      [[0, 1], false],
      [[0, 2], true],
    ] as const) {
      const stage = new DisputeStage()
      stage.world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.maxEntries.id, 2n])
      const honest = stage.honestLeaf()
      const leaf = { ...honest, entries: keep.map((i) => honest.entries[i]!) }
      const claim = stage.claim(leaf)
      stage.world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.maxEntries.id, 32n])
      expect(stage.challengeOmission(claim, leaf, honest.entries[upheld ? 1 : 2]!.row)).toBe(upheld)
    }
  })

  it('finds nothing in a row that was withdrawn by asOf, nor in one that was led again since', () => {
    const stage = new DisputeStage()
    const { world, carol } = stage
    world.send(carol.address, 'datanets', 'withdraw', [3n])
    world.pass(2n)
    const honest = stage.honestLeaf()
    const leaf = { ...honest, entries: honest.entries.filter(({ cluster }) => cluster !== stage.clusters[2]) }
    expect(stage.challengeOmission(stage.claim(leaf), leaf, 2)).toBe(false)
  })
})

describe('challenge 5', () => {
  const forged: Partial<Leaf>[] = [
    { fee: 1n },
    { promptTokens: 9 },
    { outputTokens: 9 },
    { promptHash: word(1) },
    { outputHash: word(1) },
    { version: 7n },
    { openable: false },
  ]
  it.each(forged)('upholds a receipt with another %o', (difference) => {
    const stage = new DisputeStage()
    const { world, challenger } = stage
    const leaf = stage.honestLeaf()
    const claim = stage.claim(leaf)
    const receipt = { ...leaf, ...difference }
    const salt = stage.commitChallenge(requestId(leaf.channel, leaf.n))
    const args = [claim, leaf, receipt, stage.signReceipt(receipt), salt] as const
    expect(world.send(challenger.address, 'attribution', 'challengeReceipt', args)).toBe(true)
    expect(world.audit()).toEqual([])
  })

  it('takes only the prover’s signature, of this request; a true receipt proves nothing', () => {
    const stage = new DisputeStage()
    const { world, challenger } = stage
    const leaf = stage.honestLeaf()
    const claim = stage.claim(leaf)
    const salt = stage.commitChallenge(requestId(leaf.channel, leaf.n))
    const forged = { ...leaf, fee: 1n }
    const fails = (receipt: Leaf, signature: `0x${string}`) =>
      world.fails(challenger.address, 'attribution', 'challengeReceipt', [claim, leaf, receipt, signature, salt])
    expect(fails(forged, stage.signReceipt(forged, challenger))).toBe('InvalidField signature')
    expect(fails(forged, '0x1234')).toBe('InvalidField signature')
    const another = { ...leaf, n: 5n }
    expect(fails(another, stage.signReceipt(another))).toBe('InvalidField receipt')
    const args = [claim, leaf, leaf, stage.signReceipt(leaf), salt] as const
    expect(world.send(challenger.address, 'attribution', 'challengeReceipt', args)).toBe(false)
    expect(statusOf(stage, leaf)).toBe(CLAIM_STATUS.standing)
  })
})
