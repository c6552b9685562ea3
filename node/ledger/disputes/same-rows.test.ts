/** Challenge 6: rows that are the same make their clusters one, and a cluster is paid once. */
import fc from 'fast-check'
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { sameSubject } from '../../../protocol/challenge.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { DIMS, SIGN_BYTES } from '../../../protocol/row.ts'
import { CHALLENGE_BOND, DisputeStage, KEPT_BOND, randomSigns } from '../testing/dispute-stage.ts'
import { word } from '../testing/ledger-stage.ts'
import { agreeingSigns } from './cluster-merge.ts'

/** Signs that differ from others in the first `count`. */
function differing(signs: Uint8Array, count: number): Uint8Array {
  const changed = Uint8Array.from(signs)
  for (let k = 0; k < count; k++) changed[k >> 3] = changed[k >> 3]! ^ (1 << (k & 7))
  return changed
}

/** Rows of alice, bob, carol, the payer and alice again; carol's differs from bob's in `count` signs. */
function stageWith(count: number): DisputeStage {
  const signs = [0, 1, 2, 3, 4].map(randomSigns)
  signs[2] = differing(signs[1]!, count)
  return new DisputeStage(signs)
}

function challengeSame(stage: DisputeStage, one: number, other: number): boolean {
  const salt = stage.commitChallenge(sameSubject(stage.version, one, other))
  const args = [stage.version, stage.evidence(one), stage.evidence(other), salt] as const
  return stage.world.send(stage.challenger.address, 'attribution', 'challengeSame', args)
}

const unitsOf = (stage: DisputeStage, who: 'bob' | 'carol') =>
  stage.world.send(stage[who].address, 'datanets', 'sharesOf', [stage.datanet, stage[who].address])[0]

describe('agreeing signs', () => {
  it('are counted', () => {
    fc.assert(
      fc.property(fc.nat({ max: DIMS }), (count) => {
        const signs = randomSigns(1)
        expect(agreeingSigns(signs, differing(signs, count))).toBe(DIMS - count)
      }),
      { numRuns: 10 },
    )
    expect(agreeingSigns(new Uint8Array(SIGN_BYTES), new Uint8Array(SIGN_BYTES).fill(255))).toBe(0)
  })
})

describe('two rows', () => {
  // 85 % of 32,768 is 27,852.8: 4,915 may differ.
  it('that agree in 85 % merge their clusters: the earlier leads, the later burns, the reporter has its kept bond', () => {
    const stage = stageWith(4_915)
    const { world, challenger } = stage
    const before = world.balance(challenger.address)
    const bobs = unitsOf(stage, 'bob')
    expect(challengeSame(stage, 2, 1)).toBe(true)
    expect(world.balance(challenger.address)).toBe(before + KEPT_BOND)
    expect(unitsOf(stage, 'bob')).toBe(bobs)
    expect(unitsOf(stage, 'carol')).toBe(0n)
    const [bob, carol] = [stage.clusters[1]!, stage.clusters[2]!]
    expect(world.send(challenger.address, 'datanets', 'canonicalCluster', [carol])).toBe(bob)
    expect(world.send(challenger.address, 'datanets', 'getCluster', [bob])).toMatchObject({ founder: 2n, members: 2n })
    expect(world.audit()).toEqual([])
    const args = [stage.version, stage.evidence(1), stage.evidence(2), word(1)] as const
    expect(world.fails(challenger.address, 'attribution', 'challengeSame', args)).toBe('UnknownChallenge')
    expect(() => challengeSame(stage, 1, 2)).toThrow('is in cluster')
  })

  it('that agree in less are no evidence, and the bond is lost', () => {
    const stage = stageWith(4_916)
    const before = stage.world.balance(stage.challenger.address)
    expect(challengeSame(stage, 1, 2)).toBe(false)
    expect(stage.world.balance(stage.challenger.address)).toBe(before - CHALLENGE_BOND)
    expect(stage.world.audit()).toEqual([])
  })
})

describe('a leaf and a merge', () => {
  const entriesOf = (stage: DisputeStage, asOf: bigint): Leaf => stage.honestLeaf({ asOf, fee: parseEther('1') })
  const paid = (stage: DisputeStage, mark: number) =>
    stage.world
      .events(mark)
      .filter(
        ({ name, args }) =>
          name === 'Credited' && [stage.clusters[1], stage.clusters[2]].includes(args.cluster as bigint),
      )
      .filter(({ args }) => args.role === 0)

  it('that came before the leaf’s block: the merged cluster is not there to be listed', () => {
    const stage = stageWith(0)
    challengeSame(stage, 1, 2)
    expect(stage.settle(entriesOf(stage, stage.world.number))).toBe(0n)
    expect(stage.world.events().at(-1)).toMatchObject({ name: 'LeafSkipped', args: { reason: 10 } })
    const honest = entriesOf(stage, stage.world.number)
    const entries = honest.entries.filter(({ cluster }) => cluster !== stage.clusters[2])
    const mark = stage.world.logs.length
    expect(stage.settle({ ...honest, entries })).toBe(1n)
    expect(paid(stage, mark)).toHaveLength(1)
  })

  it('that came after it: the cluster is paid once, the second entry’s part is the treasury’s', () => {
    const stage = stageWith(0)
    const asOf = stage.world.number
    challengeSame(stage, 1, 2)
    const mark = stage.world.logs.length
    expect(stage.settle(entriesOf(stage, asOf))).toBe(1n)
    expect(paid(stage, mark)).toHaveLength(1)
    expect(stage.world.audit()).toEqual([])
  })
})

describe('merges of many', () => {
  it('in any order leave one cluster, led by the earliest commitment, with the units of one', () => {
    const signs = Array.from({ length: 5 }, () => randomSigns(9))
    const pairs = [
      [0, 1],
      [1, 2],
      [2, 3],
      [0, 3],
      [0, 2],
      [1, 3],
    ] as const
    fc.assert(
      fc.property(fc.shuffledSubarray([...pairs], { minLength: 6 }), (order) => {
        const stage = new DisputeStage(signs)
        const alices = stage.world.send(stage.alice.address, 'datanets', 'sharesOf', [
          stage.datanet,
          stage.alice.address,
        ])
        let merges = 0
        for (const [one, other] of order) {
          const ids = [one, other].map((row) =>
            stage.world.send(stage.bob.address, 'datanets', 'canonicalCluster', [stage.clusters[row]!]),
          )
          if (ids[0] === ids[1]) continue
          expect(challengeSame(stage, one, other)).toBe(true)
          merges++
        }
        expect(merges).toBe(3)
        const roots = stage.clusters.map((id) =>
          stage.world.send(stage.bob.address, 'datanets', 'canonicalCluster', [id]),
        )
        expect(new Set(roots).size).toBe(1)
        expect(stage.world.send(stage.bob.address, 'datanets', 'getCluster', [roots[0]!])).toMatchObject({
          founder: 1n,
          members: 4n,
        })
        const after = stage.world.send(stage.alice.address, 'datanets', 'sharesOf', [
          stage.datanet,
          stage.alice.address,
        ])
        expect(after).toEqual([alices[0], alices[0]])
        expect(stage.world.audit()).toEqual([])
      }),
      { numRuns: 4 },
    )
  })
})
