/** What others do between a batch and its draws must not cost the prover its stake, nor bring them a part of it. */
import { encodeFunctionData, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { LEAF_SKIP_REASON } from '../../../genesis/abi/attribution.ts'
import { NATIVE_ABI } from '../../../genesis/abi/native.ts'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { PARAMETERS, parameterDefaults } from '../../../genesis/parameters.ts'
import { sameSubject } from '../../../protocol/challenge.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { bytesOf } from '../calls/face.ts'
import { Batching, DRAWS, pathOf } from '../testing/batch-stage.ts'
import { DisputeStage, OPENING_BOND, randomSigns } from '../testing/dispute-stage.ts'
import { GOVERNOR } from '../testing/ledger-harness.ts'

const { batchPeriod, drawDelay, openingPeriod } = parameterDefaults('development')

/** A prover's batch is drawn, others act, it shows every drawn leaf, and the deadline passes. */
function batchUnder(stage: DisputeStage, leaves: readonly Leaf[], act: () => void) {
  const { world, prover, carol } = stage
  const batching = new Batching(stage)
  const stakeOf = () => world.send(prover.address, 'staking', 'stakeOf', [prover.address, STAKE_ROLE.prover])
  const treasury = () => world.send(carol.address, 'attribution', 'treasury', [])
  const before = stakeOf().amount
  const batch = batching.commit(leaves)
  const had = treasury()
  batching.draw(5n)
  act()
  const mark = world.logs.length
  batching.settleAll(batch, leaves)
  const skipped = world.events(mark).filter(({ name }) => name === 'LeafSkipped')
  const { perDraw, open } = world.send(carol.address, 'attribution', 'getBatch', [batch])
  expect(open).toBe(0n)
  expect(world.audit()).toEqual([])
  world.pass(batchPeriod)
  world.epoch(51n + drawDelay)
  expect(world.fails(carol.address, 'attribution', 'forfeitDraws', [batch])).toBe('BatchOver')
  expect(world.audit()).toEqual([])
  expect(stakeOf()).toMatchObject({ amount: before, locked: 0n })
  return { reasons: skipped.map(({ args }) => args.reason), perDraw, treasury: treasury() - had }
}

function staged(signs?: readonly Uint8Array[]): DisputeStage {
  const stage = new DisputeStage(signs)
  stage.world.epoch(50n)
  return stage
}

describe('a drawn leaf that may not be settled any more', () => {
  it('because its version has failed since is shown without a slash; its wei are the treasury’s', () => {
    const stage = staged()
    const { world, version, owner } = stage
    // Half of the version's bond would buy half of the stake behind all fees.
    world.send(owner.address, 'attribution', 'demandRow', [version, 0], { value: OPENING_BOND })
    world.pass(openingPeriod + 1n)
    const leaf = stage.honestLeaf({ n: 1n, fee: parseEther('0.1'), asOf: world.number })
    const seen = batchUnder(stage, [leaf], () =>
      world.send(owner.address, 'attribution', 'punishHiddenRow', [version, 0]),
    )
    expect(seen.reasons).toEqual([LEAF_SKIP_REASON.versionNotLive])
    expect(seen.treasury).toBe(seen.perDraw * BigInt(DRAWS))
  })

  it('because an entry’s cluster was merged since with one that had been withdrawn is shown without a slash', () => {
    const signs = [0, 1, 2, 3, 4].map(randomSigns)
    signs[1] = signs[0]!
    const stage = staged(signs)
    const { world, alice, rows, version, challenger } = stage
    world.send(alice.address, 'datanets', 'withdraw', [rows[0]!.contribution])
    world.pass(2n)
    const honest = stage.honestLeaf({ n: 1n, fee: parseEther('0.1'), asOf: world.number })
    const entries = honest.entries.filter(({ cluster }) => cluster !== stage.clusters[0])
    expect(entries.map(({ row }) => row)).toContain(1)
    const seen = batchUnder(stage, [{ ...honest, entries }], () => {
      const salt = stage.commitChallenge(sameSubject(version, 0, 1))
      const args = [version, stage.evidence(0), stage.evidence(1), salt] as const
      expect(world.send(challenger.address, 'attribution', 'challengeSame', args)).toBe(true)
    })
    expect(seen.reasons).toEqual([LEAF_SKIP_REASON.withdrawnCluster])
  })

  it('because a parameter was set since is shown without a slash', () => {
    const stage = staged()
    const { world } = stage
    const leaf = stage.honestLeaf({ n: 1n, fee: parseEther('0.1') })
    const seen = batchUnder(stage, [leaf], () =>
      world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.maxEntries.id, 2n]),
    )
    expect(seen.reasons).toEqual([LEAF_SKIP_REASON.tooManyEntries])
  })
})

describe('a leaf of more entries than any may have', () => {
  /** The function's calldata in bytes; gas without end. */
  const refused = (stage: DisputeStage, data: `0x${string}`) => {
    const result = stage.world.raw(stage.prover.address, 'attribution', bytesOf(data), { gas: 100_000_000n })
    return result.ok ? 'ok' : result.kind
  }
  const huge = (leaf: Leaf): Leaf => ({ ...leaf, entries: Array.from({ length: 65_536 }, () => leaf.entries[0]!) })

  // 65,536 do not fit the leaf's count; and hashing them would cost a node twelve times what their calldata pays for.
  it('is refused by name and is not hashed', () => {
    const stage = staged()
    const batching = new Batching(stage)
    const abi = NATIVE_ABI.attribution
    const leaf = stage.honestLeaf({ n: 1n, fee: parseEther('0.1') })
    const claim = stage.claim({ ...leaf, n: 0n })
    const many = huge({ ...leaf, n: 0n })
    expect(refused(stage, encodeFunctionData({ abi, functionName: 'punishHidden', args: [claim, many] }))).toBe(
      'revert',
    )
    const batch = batching.commit([leaf])
    batching.draw(5n)
    const args = [batch, [0], { ...leaf, entries: huge(leaf).entries.slice(0, 33) }, pathOf([leaf], 0)] as const
    expect(refused(stage, encodeFunctionData({ abi, functionName: 'settleDraws', args }))).toBe('revert')
  })
})
