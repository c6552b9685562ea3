import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { type Actor, Stage, VERSION_BOND, word } from './ledger-stage.ts'

const { validator } = STAKE_ROLE

function staged() {
  const stage = new Stage()
  const datanet = stage.createDatanet()
  return { stage, world: stage.world, owner: stage.owner.address, datanet, ...stage.openRun([datanet]) }
}

const publicationOf = (run: bigint) => ({
  run,
  adapterHash: word(0),
  curvatureHash: word(0),
  featureRoot: word(8),
  artifactHash: word(9),
  rows: 10,
  dims: 32_768,
  medianScale: 7,
})

describe('bases and models', () => {
  it('come back as they were registered', () => {
    const { world, owner, datanet, model } = staged()
    expect(world.send(owner, 'models', 'getBase', [1n])).toMatchObject({
      architecture: 'retrieval',
      weightsHash: word(1),
    })
    expect(world.send(owner, 'models', 'getModel', [model])).toMatchObject({
      base: 1n,
      datanets: [datanet],
      pricePer1kIn: 10n,
      pricePer1kOut: 20n,
      name: 'answers',
    })
    expect(world.send(owner, 'models', 'modelCount', [])).toBe(1n)
  })

  it('name what is wrong', () => {
    const { world, owner, datanet } = staged()
    const create = (base: bigint, datanets: bigint[], name = 'm') =>
      world.fails(owner, 'models', 'createModel', [base, datanets, 0n, 0n, name])
    expect(create(9n, [datanet])).toBe('UnknownBase')
    expect(create(1n, [9n])).toBe('UnknownDatanet')
    expect(create(1n, [])).toBe('InvalidField datanets')
    expect(create(1n, [datanet, datanet])).toBe('InvalidField datanets')
    expect(create(1n, [datanet], '')).toBe('InvalidField name')
    expect(world.fails(owner, 'models', 'registerBase', [word(1), '', word(1), ''])).toBe('InvalidField architecture')
    expect(world.fails(owner, 'models', 'getModel', [9n])).toBe('UnknownModel')
    expect(world.fails(owner, 'models', 'getBase', [9n])).toBe('UnknownBase')
  })
})

describe('runs', () => {
  it('fix the Datanets and their weights', () => {
    const { world, owner, datanet, run, model } = staged()
    const expected = {
      model,
      datanets: [datanet],
      weightsBps: [10_000],
      manifestRoot: word(3),
      seed: 5n,
      openedAt: world.now,
    }
    expect(world.send(owner, 'models', 'getRun', [run])).toMatchObject(expected)
  })

  it("are the owner's, over the model's Datanets, with weights that add up", () => {
    const { stage, world, owner, datanet, model } = staged()
    const other = stage.createDatanet()
    const open = (datanets: bigint[], weights: number[], from = owner, of = model) =>
      world.fails(from, 'models', 'openRun', [of, word(3), word(4), 5n, datanets, weights])
    expect(open([datanet], [10_000], stage.alice.address)).toBe('NotModelOwner')
    expect(open([datanet], [10_000], owner, 9n)).toBe('UnknownModel')
    expect(open([other], [10_000])).toBe('DatanetNotOfModel')
    expect(open([datanet], [9_999])).toBe('InvalidField weightsBps')
    expect(open([datanet], [5_000, 5_000])).toBe('InvalidField weightsBps')
    expect(world.fails(owner, 'models', 'getRun', [9n])).toBe('UnknownRun')
  })
})

describe('publishing a version', () => {
  it('takes the bond and the shape of its features', () => {
    const { stage, world, owner, run, model } = staged()
    const version = stage.publish(run)
    expect(world.balance('0x4f50454e00000000000000000000000000000002')).toBe(VERSION_BOND)
    expect(world.send(owner, 'models', 'getVersion', [version])).toMatchObject({
      model,
      run,
      rows: 1_000,
      dims: 32_768,
      medianScale: 100,
      liveAt: 0n,
      qualityBps: 5_000,
      measured: false,
    })
  })

  it('names what is wrong', () => {
    const { stage, world, owner, run } = staged()
    const publish = (changes: Partial<ReturnType<typeof publicationOf>>, value = VERSION_BOND, from = owner) =>
      world.fails(from, 'models', 'publishVersion', [{ ...publicationOf(run), ...changes }], { value })
    expect(publish({}, VERSION_BOND - 1n)).toBe('BondTooSmall')
    expect(publish({}, VERSION_BOND, stage.alice.address)).toBe('NotModelOwner')
    expect(publish({ run: 9n })).toBe('UnknownRun')
    expect(publish({ rows: 0 })).toBe('InvalidField rows')
    expect(publish({ dims: 4_096 })).toBe('InvalidField dims')
    expect(publish({ medianScale: 0 })).toBe('InvalidField medianScale')
    expect(publish({ featureRoot: word(0) })).toBe('InvalidField featureRoot')
  })
})

describe('a version', () => {
  const isLive = (stage: Stage, version: bigint) => stage.world.send(stage.owner.address, 'models', 'isLive', [version])
  const attest = (stage: Stage, who: Actor, version: bigint) =>
    stage.world.send(who.address, 'models', 'attest', [version])

  it('is live when two thirds of stake have attested and the window has passed', () => {
    const { stage, world, run } = staged()
    stage.stake(stage.alice, validator, parseEther('30'))
    stage.stake(stage.bob, validator, parseEther('70'))
    const version = stage.publish(run)
    attest(stage, stage.alice, version)
    world.pass(10n)
    expect(isLive(stage, version)).toBe(false)
    attest(stage, stage.bob, version)
    expect(isLive(stage, version)).toBe(true)
    expect(world.send(stage.owner.address, 'models', 'getVersion', [version])).toMatchObject({
      attestedStake: parseEther('100'),
    })
    expect(world.send(stage.owner.address, 'models', 'hasAttested', [version, stage.bob.address])).toBe(true)
  })

  it('waits for the window where the quorum comes first', () => {
    const { stage, world, run } = staged()
    stage.stake(stage.alice, validator, parseEther('30'))
    const version = stage.publish(run)
    attest(stage, stage.alice, version)
    expect(isLive(stage, version)).toBe(false)
    world.pass(2n)
    expect(isLive(stage, version)).toBe(true)
  })

  it('is measured against the greater of the stake at publication and now: leaving helps nobody', () => {
    const { stage, world, run } = staged()
    stage.stake(stage.alice, validator, parseEther('30'))
    stage.stake(stage.bob, validator, parseEther('70'))
    const version = stage.publish(run)
    world.send(stage.bob.address, 'staking', 'unstake', [validator, parseEther('70')])
    attest(stage, stage.alice, version)
    world.pass(10n)
    expect(isLive(stage, version)).toBe(false)
  })

  it('is attested once by each validator, and by validators only', () => {
    const { stage, world, run } = staged()
    stage.stake(stage.alice, validator, parseEther('30'))
    const version = stage.publish(run)
    attest(stage, stage.alice, version)
    expect(world.fails(stage.alice.address, 'models', 'attest', [version])).toBe('AlreadyAttested')
    expect(world.fails(stage.bob.address, 'models', 'attest', [version])).toBe('NotValidator')
    expect(world.fails(stage.alice.address, 'models', 'attest', [9n])).toBe('UnknownVersion')
  })
})
