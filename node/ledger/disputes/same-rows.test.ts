/** Challenge 6: rows that are the same make their clusters one, and a cluster is paid once. */
import fc from 'fast-check'
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { BURNED } from '../../../genesis/addresses.ts'
import { sameSubject } from '../../../protocol/challenge.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { SIGN_BYTES } from '../../../protocol/row.ts'
import { hexOf } from '../calls/face.ts'
import { CHALLENGE_BOND, DisputeStage, KEPT_BOND, majorityQuery, randomSigns } from '../testing/dispute-stage.ts'
import { essay, utf8, VERSION_BOND, word } from '../testing/ledger-stage.ts'

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

describe('a founder that was merged and appeals', () => {
  it('begins with bound units again, though it had sold those of its first cluster', () => {
    const stage = stageWith(4_915)
    const { world, alice, carol, datanet } = stage
    const units = unitsOf(stage, 'carol')
    const account = () => world.send(carol.address, 'datanets', 'shareAccountOf', [datanet, carol.address])
    world.pass(86_401n)
    stage.sellShares(carol, alice, datanet, stage.clusters[2]!)
    expect(challengeSame(stage, 2, 1)).toBe(true)
    const owed = account()[2]
    expect(owed).toBeGreaterThan(0n)
    const shown = [3n, hexOf(utf8(essay(2))), hexOf(utf8(essay(1)))] as const
    const founded = world.send(carol.address, 'datanets', 'appealCluster', shown)
    expect(world.send(carol.address, 'datanets', 'releaseOf', [founded])[0]).toBe(false)
    expect(account()).toEqual([units, units, owed])
    world.send(carol.address, 'datanets', 'releaseShares', [founded])
    expect(account()).toEqual([units - owed, 0n, 0n])
    expect(world.audit()).toEqual([])
  })
})

describe('void rows', () => {
  it('of two clusters are no evidence that these are the same, though all their signs agree', () => {
    const nothing = new Uint8Array(SIGN_BYTES)
    const stage = new DisputeStage([randomSigns(0), nothing, nothing, randomSigns(3)], [100, 0, 0, 100])
    expect(challengeSame(stage, 1, 2)).toBe(false)
    const roots = stage.clusters.map((id) => stage.world.send(stage.bob.address, 'datanets', 'canonicalCluster', [id]))
    expect(roots).toEqual(stage.clusters)
  })
})

describe('two rows of one cluster', () => {
  /** Rows 0 and 4 are alice's; row 4 differs in `count` signs. */
  const stageRepeating = (count: number, scales: readonly number[] = []) => {
    const signs = [0, 1, 2, 3].map(randomSigns)
    return new DisputeStage([...signs, differing(signs[0]!, count)], scales)
  }

  it('that agree in 85 % fail the version: half of its bond to the reporter, the rest burned, once; its clusters stay', () => {
    const stage = stageRepeating(4_915)
    const { world, challenger, version } = stage
    const unsettled = stage.honestLeaf()
    const before = world.balance(challenger.address)
    const burned = world.balance(BURNED)
    const mark = world.logs.length
    expect(challengeSame(stage, 4, 0)).toBe(true)
    expect(world.balance(challenger.address)).toBe(before + VERSION_BOND / 2n)
    expect(world.balance(BURNED)).toBe(burned + VERSION_BOND / 2n)
    expect(world.events(mark).map(({ name }) => name)).toEqual([
      'ChallengeCommitted',
      'ChallengeUpheld',
      'VersionFailed',
      'ChallengeBondReturned',
    ])
    expect(world.send(challenger.address, 'models', 'isLive', [version])).toBe(false)
    expect(stage.settle(unsettled)).toBe(0n)
    expect(() => challengeSame(stage, 0, 4)).toThrow('VersionNotLive')
    for (const id of stage.clusters)
      expect(world.send(challenger.address, 'datanets', 'canonicalCluster', [id])).toBe(id)
    expect(world.audit()).toEqual([])
  })

  it('that agree in less, or of which one is void, say nothing against it, and the bond is lost', () => {
    for (const stage of [stageRepeating(4_916), stageRepeating(0, [100, 100, 100, 100, 0])]) {
      expect(challengeSame(stage, 0, 4)).toBe(false)
      expect(stage.world.send(stage.bob.address, 'models', 'isLive', [stage.version])).toBe(true)
    }
  })

  it('that are of two contributions fail it, whatever they say: near-copies have no rows', () => {
    const stage = new DisputeStage()
    const rows = stage.rows.map((row, i) => (i === 4 ? { ...row, contribution: stage.rows[1]!.contribution } : row))
    const version = stage.publishLive(rows)
    const salt = stage.commitChallenge(sameSubject(version, 0, 4))
    const args = [version, stage.evidence(0, rows), stage.evidence(4, rows), salt] as const
    expect(stage.world.send(stage.challenger.address, 'attribution', 'challengeSame', args)).toBe(true)
    expect(stage.world.send(stage.bob.address, 'models', 'isLive', [version])).toBe(false)
  })

  it('must be two', () => {
    expect(() => challengeSame(new DisputeStage(), 0, 0)).toThrow('is row 0 again')
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

  it('that came before the leaf’s block: rows of one of the two are listed, under their own cluster', () => {
    const stage = stageWith(0)
    challengeSame(stage, 1, 2)
    expect(stage.settle(entriesOf(stage, stage.world.number))).toBe(0n)
    expect(stage.world.events().at(-1)).toMatchObject({ name: 'LeafSkipped', args: { reason: 10 } })
    const honest = entriesOf(stage, stage.world.number)
    // Row 2 has the higher scale: it stands for both.
    const entries = honest.entries.filter(({ cluster }) => cluster !== stage.clusters[1])
    const mark = stage.world.logs.length
    expect(stage.settle({ ...honest, entries })).toBe(1n)
    const credited = paid(stage, mark)
    expect(credited.map(({ args }) => [args.cluster, String(args.recipient).toLowerCase()])).toEqual([
      [stage.clusters[2], stage.bob.address],
    ])
  })

  it('that came after it: the work is paid once, the second cluster’s part is the treasury’s', () => {
    const stage = stageWith(0)
    const asOf = stage.world.number
    challengeSame(stage, 1, 2)
    const mark = stage.world.logs.length
    expect(stage.settle(entriesOf(stage, asOf))).toBe(1n)
    expect(paid(stage, mark)).toHaveLength(1)
    expect(stage.world.audit()).toEqual([])
  })

  it('that came after it pays all rows of the cluster that was listed first, and none of the other', () => {
    const signs = [0, 1, 2, 3, 4, 5, 6, 7].map(randomSigns)
    signs[2] = signs[1]!
    const stage = new DisputeStage(signs)
    stage.query.set(majorityQuery(signs.slice(1, 8)))
    const asOf = stage.world.number
    challengeSame(stage, 1, 2)
    const leaf = entriesOf(stage, asOf)
    const entries = leaf.entries.filter(({ raw }) => raw > 100_000)
    const of = (cluster: bigint) => entries.filter((entry) => entry.cluster === cluster)
    const [first, second] =
      entries.find(({ cluster }) => stage.clusters.slice(1, 3).includes(cluster))!.cluster === stage.clusters[1]
        ? [stage.clusters[1]!, stage.clusters[2]!]
        : [stage.clusters[2]!, stage.clusters[1]!]
    expect([of(first).length, of(second).length]).toEqual([2, 2])
    const mark = stage.world.logs.length
    expect(stage.settle({ ...leaf, entries })).toBe(1n)
    expect(paid(stage, mark).map(({ args }) => args.cluster)).toEqual([first, first])
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
