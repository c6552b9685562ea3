/** Rows on demand: who shows is paid; a publisher whose row nobody can show loses its bond. */
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { BURNED } from '../../../genesis/addresses.ts'
import { manifestRoot } from '../../../protocol/manifest.ts'
import { merkleRoot } from '../../../protocol/merkle.ts'
import { rowLeaf } from '../../../protocol/row.ts'
import { DisputeStage, OPENING_BOND } from '../testing/dispute-stage.ts'
import { VERSION_BOND, word } from '../testing/ledger-stage.ts'

/** Seconds, on a development network. */
const PERIOD = 20n

function demanded(row = 2) {
  const stage = new DisputeStage()
  const { world, challenger, version } = stage
  const demand = (index: number, value = OPENING_BOND) =>
    world.send(challenger.address, 'attribution', 'demandRow', [version, index], { value })
  demand(row)
  const reveal = (index = row, from = stage.owner) =>
    world.send(from.address, 'attribution', 'revealRow', [
      version,
      stage.evidence(index),
      ...stage.manifestProof(index),
    ])
  const punish = (index = row) => world.send(stage.bob.address, 'attribution', 'punishHiddenRow', [version, index])
  const standing = () => world.send(challenger.address, 'models', 'standingOf', [version])
  return { stage, world, challenger, version, demand, reveal, punish, standing }
}

describe('a demanded row', () => {
  it('that is shown in time pays the bond to who showed it, with everything in the log', () => {
    const { stage, world, version, reveal, standing } = demanded()
    expect(standing()).toMatchObject({ holds: 1n })
    expect(world.audit()).toEqual([])
    world.pass(PERIOD)
    const before = world.balance(stage.bob.address)
    reveal(2, stage.bob)
    expect(world.balance(stage.bob.address)).toBe(before + OPENING_BOND)
    const { row: encodedRow } = stage.evidence(2)
    const [manifestItem] = stage.manifestProof(2)
    expect(world.events().at(-1)).toMatchObject({
      name: 'RowRevealed',
      args: { version, row: 2, revealer: expect.any(String), encodedRow, manifestItem },
    })
    expect(standing()).toMatchObject({ failedAt: 0n, bond: VERSION_BOND, holds: 0n })
    expect(world.audit()).toEqual([])
  })

  it('is demanded once, open or shown', () => {
    const { demand, reveal } = demanded()
    expect(() => demand(2)).toThrow('RowDemandedBefore')
    reveal()
    expect(() => demand(2)).toThrow('RowDemandedBefore')
    expect(() => reveal()).toThrow('RowNotDemanded')
    demand(3)
  })

  it('that nobody shows fails the version: half of its bond to the demander, the rest burned, and no more settlements', () => {
    const { stage, world, challenger, version, reveal, punish, standing } = demanded()
    const before = world.balance(challenger.address)
    expect(() => punish()).toThrow('TooEarly')
    world.pass(PERIOD + 1n)
    expect(() => reveal()).toThrow('RowDeadlinePassed')
    punish()
    expect(world.balance(challenger.address)).toBe(before + OPENING_BOND + VERSION_BOND / 2n)
    expect(world.balance(BURNED)).toBe(VERSION_BOND / 2n)
    expect(standing()).toMatchObject({ failedAt: world.now, bond: 0n, holds: 0n })
    expect(world.send(challenger.address, 'models', 'isLive', [version])).toBe(false)
    expect(stage.settle(stage.honestLeaf())).toBe(0n)
    expect(stage.settle(stage.honestLeaf({ asOf: world.number - 5n }))).toBe(0n)
    const names = world.events().map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['RowHidden', 'VersionFailed']))
    expect(() => punish()).toThrow('RowNotDemanded')
    expect(() => stage.publishRows()).not.toThrow()
    expect(world.audit()).toEqual([])
  })

  it('of a version that fails meanwhile gives its bond back, early too, and is not worth a second half', () => {
    const { stage, world, challenger, demand, punish } = demanded()
    world.pass(PERIOD)
    demand(3)
    world.pass(1n)
    punish(2)
    const before = world.balance(challenger.address)
    punish(3)
    expect(world.balance(challenger.address)).toBe(before + OPENING_BOND)
    expect(world.balance(BURNED)).toBe(VERSION_BOND / 2n)
    expect(() => demand(4)).toThrow('VersionKeepsNoBond')
    expect(stage.world.audit()).toEqual([])
  })

  it('shares the counting of deadlines with openings', () => {
    const { stage, world, challenger, version, demand, reveal } = demanded()
    const leaf = stage.honestLeaf()
    const claim = stage.claim(leaf)
    world.send(challenger.address, 'attribution', 'demandOpening', [claim, leaf], { value: OPENING_BOND })
    demand(0)
    const { deadline } = world.send(challenger.address, 'attribution', 'rowDemandOf', [version, 0])
    expect(deadline).toBe(world.now + PERIOD + 4n)
    for (const row of [0, 2]) reveal(row)
    demand(1)
    const later = world.send(challenger.address, 'attribution', 'rowDemandOf', [version, 1])
    expect(later.deadline).toBe(world.now + PERIOD + 2n)
  })

  it('asks for a bond, and for a row that there is', () => {
    const { stage, demand } = demanded()
    expect(() => demand(1, OPENING_BOND - 1n)).toThrow('BondTooSmall')
    expect(() => demand(stage.rows.length)).toThrow('InvalidField')
  })
})

describe('what cannot be shown', () => {
  it('is another row, another item, or a path that leads elsewhere', () => {
    const { stage, world, version, reveal } = demanded()
    const fails = (evidence: ReturnType<DisputeStage['evidence']>, item: ReturnType<DisputeStage['manifestProof']>) =>
      world.fails(stage.owner.address, 'attribution', 'revealRow', [version, evidence, ...item])
    expect(() => reveal(1)).toThrow('RowNotDemanded')
    const { row, path } = stage.evidence(2)
    const [item, itemPath] = stage.manifestProof(2)
    expect(fails({ row, path: [] }, [item, itemPath])).toBe('InvalidField evidence')
    expect(fails({ row, path }, [item, []])).toBe('InvalidField manifestItem')
    expect(fails({ row, path }, stage.manifestProof(1))).toBe('InvalidField manifestItem')
    expect(fails({ row, path }, ['0x1234', itemPath])).toBe('InvalidField manifestItem')
  })

  /** A version whose rows or items lie, under true paths. */
  function lying(lie: (stage: DisputeStage) => void) {
    const stage = new DisputeStage()
    const { world, owner, challenger } = stage
    lie(stage)
    const { model } = world.send(owner.address, 'models', 'getRun', [stage.run])
    const run = stage.runOver(model, [stage.datanet], 0n, manifestRoot(stage.manifest))
    const hashes = { adapterHash: word(0), curvatureHash: word(0), artifactHash: word(9) }
    const featureRoot = merkleRoot(stage.rows.map(rowLeaf))
    const shape = { rows: stage.rows.length, dims: 32_768, medianScale: 100 }
    const version = world.send(owner.address, 'models', 'publishVersion', [{ run, ...hashes, featureRoot, ...shape }], {
      value: VERSION_BOND,
    })
    world.send(challenger.address, 'attribution', 'demandRow', [version, 1], { value: OPENING_BOND })
    const shown = [stage.evidence(1), ...stage.manifestProof(1)] as const
    const refusal = world.fails(owner.address, 'attribution', 'revealRow', [version, ...shown])
    world.pass(PERIOD + 1n)
    world.send(challenger.address, 'attribution', 'punishHiddenRow', [version, 1])
    expect(world.send(owner.address, 'models', 'standingOf', [version]).bond).toBe(0n)
    expect(world.audit()).toEqual([])
    return refusal
  }

  it('is a row of a contribution that its manifest item does not speak of', () => {
    const lie = (stage: DisputeStage) => {
      stage.manifest[1] = { ...stage.manifest[0]!, index: 1 }
    }
    expect(lying(lie)).toBe('InvalidField manifestItem')
  })

  it("is an item whose content is not its contribution's", () => {
    const lie = (stage: DisputeStage) => {
      stage.manifest[1] = { ...stage.manifest[1]!, contentHash: word(1) }
    }
    expect(lying(lie)).toBe('InvalidField manifestItem')
  })

  it('is a row that stands at another place than it says', () => {
    const lie = (stage: DisputeStage) => {
      stage.rows[1] = { ...stage.rows[1]!, index: 3 }
    }
    expect(lying(lie)).toBe('InvalidField evidence')
  })
})

it('demanding of oneself costs half of the bond', () => {
  const stage = new DisputeStage()
  const { world, owner, version } = stage
  const before = world.balance(owner.address)
  world.send(owner.address, 'attribution', 'demandRow', [version, 0], { value: OPENING_BOND })
  world.pass(PERIOD + 1n)
  world.send(owner.address, 'attribution', 'punishHiddenRow', [version, 0])
  expect(world.balance(owner.address) - before).toBe(VERSION_BOND / 2n)
  expect(world.balance(BURNED)).toBe(VERSION_BOND - VERSION_BOND / 2n)
  expect(VERSION_BOND).toBe(parseEther('1'))
})
