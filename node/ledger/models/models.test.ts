import fc from 'fast-check'
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { wordHex } from '../../execution/bytes.ts'
import { type Actor, PRICE, Stage, VERSION_BOND, word } from '../testing/ledger-stage.ts'
import { stepCountPlace, stepPlace } from './model-records.ts'

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
      pricePer1kIn: PRICE,
      pricePer1kOut: PRICE,
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

describe('the steps of a run', () => {
  const checkpoint = (step: number) => word(0xc0de_0000 + step)
  function recording() {
    const staging = staged()
    const { world, owner, run } = staging
    const record = (step: number, lossMicro = 2_500_000n, from = owner) =>
      world.send(from, 'models', 'recordStep', [run, step, lossMicro, checkpoint(step)])
    const refused = (step: number, { from = owner, of = run, hash = checkpoint(step) } = {}) =>
      world.fails(from, 'models', 'recordStep', [of, step, 0n, hash])
    return { ...staging, record, refused }
  }

  it('go on record in their order, from the state before training on', () => {
    const { world, owner, run, record } = recording()
    record(0, 0n)
    world.pass(10n)
    record(100, 3_141_592n)
    record(250, 2_718_281n)
    expect(world.send(owner, 'models', 'stepCount', [run])).toBe(3)
    expect(world.send(owner, 'models', 'stepAt', [run, 0])).toMatchObject({ step: 0, recordedAt: world.now - 10n })
    const last = { step: 250, lossMicro: 2_718_281n, checkpointHash: checkpoint(250), recordedAt: world.now }
    expect(world.send(owner, 'models', 'stepAt', [run, 2])).toEqual(last)
    expect(world.send(owner, 'models', 'lastStep', [run])).toEqual(last)
    expect(world.events().at(-1)).toMatchObject({
      name: 'StepRecorded',
      args: { run, step: 250, lossMicro: 2_718_281n, checkpointHash: checkpoint(250) },
    })
  })

  it('are kept for each run by itself', () => {
    const { stage, world, owner, datanet, run, record } = recording()
    record(5)
    const other = stage.openRun([datanet]).run
    expect(world.send(owner, 'models', 'stepCount', [other])).toBe(0)
    expect(world.fails(owner, 'models', 'lastStep', [other])).toBe('UnknownStep')
    expect(world.send(owner, 'models', 'lastStep', [run])).toMatchObject({ step: 5 })
  })

  it("are the model owner's, strictly increasing, and name a checkpoint", () => {
    const { stage, world, owner, run, record, refused } = recording()
    record(10)
    expect(refused(10)).toBe('StepNotLater')
    expect(refused(9)).toBe('StepNotLater')
    expect(refused(11, { from: stage.alice.address })).toBe('NotModelOwner')
    expect(refused(11, { of: 9n })).toBe('UnknownRun')
    expect(refused(11, { hash: word(0) })).toBe('InvalidField checkpointHash')
    expect(world.send(owner, 'models', 'stepCount', [run])).toBe(1)
    expect(world.fails(owner, 'models', 'stepAt', [run, 1])).toBe('UnknownStep')
    for (const view of ['stepCount', 'lastStep'] as const)
      expect(world.fails(owner, 'models', view, [9n])).toBe('UnknownRun')
    expect(world.fails(owner, 'models', 'stepAt', [9n, 0])).toBe('UnknownRun')
    record(4_294_967_295, (1n << 64n) - 1n)
  })

  it('are at most 65,536', () => {
    const { world, run, record, refused } = recording()
    record(1)
    const place = world.view((context) => stepCountPlace(context, run))
    world.storage.set(place.account + wordHex(place.slot), 65_535n)
    const last = world.view((context) => stepPlace(context, run, 65_534n))
    const first = world.view((context) => stepPlace(context, run, 0n))
    world.storage.set(last.account + wordHex(last.slot), world.storage.get(first.account + wordHex(first.slot))!)
    record(2)
    expect(refused(3)).toBe('InvalidField run')
  })

  it('cost what they write: three new slots at first, two later', () => {
    const { world, record } = recording()
    record(1)
    expect(world.gasUsed).toBeLessThan(90_000n)
    record(2)
    expect(world.gasUsed).toBeGreaterThan(45_000n)
    expect(world.gasUsed).toBeLessThan(70_000n)
  })

  it('recorded when a version is published are its own; later ones change nothing of it', () => {
    const { stage, world, owner, run, record } = recording()
    const steps = (version: bigint) => world.send(owner, 'models', 'stepsAtPublication', [version])
    const before = stage.publish(run)
    record(100)
    record(200)
    const version = stage.publish(run)
    record(300)
    expect([steps(before), steps(version), steps(stage.publish(run))]).toEqual([0, 2, 3])
    expect(world.send(owner, 'models', 'stepAt', [run, steps(version) - 1])).toMatchObject({ step: 200 })
    expect(world.fails(owner, 'models', 'stepsAtPublication', [9n])).toBe('UnknownVersion')
  })

  it('come back as they were taken, whatever is sent', () => {
    const { world, owner, run, refused, record } = recording()
    let taken: number[] = []
    const sequence = fc.array(fc.oneof(fc.nat({ max: 40 }), fc.integer({ min: 0, max: 4_294_967_295 })), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(sequence, (sent) => {
        for (const step of sent) {
          if (step > (taken.at(-1) ?? -1)) {
            record(step)
            taken = [...taken, step]
          } else expect(refused(step)).toBe('StepNotLater')
        }
        expect(world.send(owner, 'models', 'stepCount', [run])).toBe(taken.length)
        for (const [index, step] of taken.entries())
          expect(world.send(owner, 'models', 'stepAt', [run, index])).toMatchObject({
            step,
            checkpointHash: checkpoint(step),
          })
      }),
      { numRuns: 20 },
    )
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
