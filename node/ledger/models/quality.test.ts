/** Measured quality: drawn after publication, recorded by retrainings, in force by the validators' stake. */
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { PARAMETERS, parameterSlot } from '../../../genesis/parameters.ts'
import { type Actor, Stage, word } from '../testing/ledger-stage.ts'

const RECORD = word(0xec)
const FEE = parseEther('1')
/** Seconds, on a development network. */
const UNSTAKE_DELAY = 60n

/** A live version published at L1 block 10, so drawn by block 18; three validators with 100, 50 and 50. */
function published() {
  const stage = new Stage()
  const { world, owner, alice, bob, validator } = stage
  world.epoch(10n)
  const datanet = stage.createDatanet()
  for (const who of [alice, bob]) stage.stake(who, STAKE_ROLE.validator, parseEther('50'))
  stage.stake(stage.prover, STAKE_ROLE.prover, parseEther('1000'))
  stage.stake(validator, STAKE_ROLE.validator, parseEther('100'))
  const { model, run } = stage.openRun([datanet])
  const version = stage.publish(run)
  for (const who of [validator, alice]) world.send(who.address, 'models', 'attest', [version])
  world.pass(2n)
  const draw = () => world.send(alice.address, 'models', 'drawQuality', [version])
  const drawn = () => {
    world.epoch(18n)
    draw()
  }
  const retrain = (steps = 1) => {
    const retraining = stage.runOver(model, [datanet])
    if (steps > 0) world.send(owner.address, 'models', 'recordStep', [retraining, steps, 0n, word(1)])
    return retraining
  }
  const record = (qualityBps: number, runs: bigint[] = [retrain()]) =>
    world.send(owner.address, 'models', 'recordQuality', [version, qualityBps, RECORD, runs])
  const attest = (who: Actor, number: bigint) => world.send(who.address, 'models', 'attestQuality', [version, number])
  const quality = () => {
    const { measured, qualityBps } = world.send(owner.address, 'models', 'getVersion', [version])
    return { measured, qualityBps }
  }
  return { stage, world, owner, datanet, model, run, version, draw, drawn, retrain, record, attest, quality }
}

describe('the draw', () => {
  it('is of an L1 block that comes after publication, the same whoever asks and whenever', () => {
    const { stage, world, version, draw } = published()
    const seed = () => world.send(stage.bob.address, 'models', 'qualitySeed', [version])
    expect(seed()).toEqual({ seed: word(0), l1Number: 18n, drawnAt: 0n })
    world.epoch(17n)
    expect(() => draw()).toThrow('DrawNotYet')
    world.epoch(18n, word(777))
    const first = seed().seed
    expect(first).not.toBe(word(0))
    world.epoch(19n)
    draw()
    expect(seed()).toEqual({ seed: first, l1Number: 18n, drawnAt: world.now })
    expect(() => draw()).toThrow('AlreadyDrawn')
    world.epoch(18n + 8_192n)
    expect(seed().seed).toBe(first)
  })

  it('is as far ahead of L2 as L2 may lag behind L1', () => {
    const { stage, world, run } = published()
    world.storage.set(NATIVE.parameters + parameterSlot(PARAMETERS.drawDelay.id), 160n)
    const version = stage.publish(run)
    const { l1Number } = world.send(stage.bob.address, 'models', 'qualitySeed', [version])
    expect(l1Number).toBe(10n + 160n)
  })

  it('gives versions of one block seeds of their own', () => {
    const { stage, world, run, version } = published()
    const other = stage.publish(run)
    world.epoch(18n)
    const seeds = [version, other].map((id) => world.send(stage.bob.address, 'models', 'qualitySeed', [id]).seed)
    expect(seeds[0]).not.toBe(seeds[1])
  })

  it('that nobody kept in time is of a later block, which is not there yet either', () => {
    const { stage, world, version, draw } = published()
    world.epoch(18n)
    world.epoch(18n + 8_192n)
    draw()
    const renamed = world.send(stage.bob.address, 'models', 'qualitySeed', [version])
    expect(renamed).toEqual({ seed: word(0), l1Number: 26n + 8_192n, drawnAt: 0n })
    expect(() => draw()).toThrow('DrawNotYet')
    world.epoch(26n + 8_192n)
    draw()
    expect(world.send(stage.bob.address, 'models', 'qualitySeed', [version]).drawnAt).toBe(world.now)
  })
})

describe('a quality record', () => {
  it('is in force from the next settlement on, once two thirds of the stake have attested it', () => {
    const { stage, world, version, drawn, record, attest, quality } = published()
    const channel = stage.openChannel()
    const cluster = stage.contribute(stage.carol, 1n, 'the only text that there is').cluster
    const paid = (n: bigint) => {
      const entries = [{ row: 0, cluster, raw: 40_000, scale: 100 }]
      const mark = world.logs.length
      expect(stage.settle(stage.leaf({ channel, version, n, fee: FEE, entries }))).toBe(1n)
      return world.events(mark).find(({ name, args }) => name === 'Credited' && args.role === 0)?.args.amount
    }
    const pool = (FEE * 4_500n) / 10_000n
    drawn()
    expect(record(8_000)).toBe(1n)
    attest(stage.validator, 1n)
    expect(quality()).toEqual({ measured: false, qualityBps: 5_000 })
    expect(paid(1n)).toBe(pool / 2n)
    attest(stage.alice, 1n)
    expect(quality()).toEqual({ measured: true, qualityBps: 8_000 })
    expect(paid(2n)).toBe((pool * 8n) / 10n)
    expect(world.send(stage.bob.address, 'models', 'qualityOf', [version])).toMatchObject({
      record: 1n,
      qualityBps: 8_000,
      recordHash: RECORD,
      runs: 1,
      acceptedAt: world.now,
      attestedStake: parseEther('150'),
    })
    attest(stage.bob, 1n)
    expect(world.audit()).toEqual([])
  })

  it('is superseded only by one that is attested itself, and marks of one do not count for another', () => {
    const { stage, drawn, record, attest, quality, retrain, world, version } = published()
    drawn()
    record(8_000)
    for (const who of [stage.validator, stage.alice]) attest(who, 1n)
    expect(record(2_000, [retrain(), retrain()])).toBe(2n)
    expect(quality().qualityBps).toBe(8_000)
    expect(() => attest(stage.bob, 1n)).toThrow('UnknownQualityRecord')
    attest(stage.validator, 2n)
    expect(quality().qualityBps).toBe(8_000)
    expect(record(3_000)).toBe(3n)
    attest(stage.alice, 3n)
    expect(quality().qualityBps).toBe(8_000)
    attest(stage.validator, 3n)
    expect(quality().qualityBps).toBe(3_000)
    expect(world.send(stage.bob.address, 'models', 'qualityOf', [version]).record).toBe(3n)
  })

  it("is the publisher's, about the version's own model, by runs since the draw that were trained", () => {
    const { stage, world, owner, datanet, model, run, version, drawn, retrain } = published()
    const fails = (runs: bigint[], { from = owner, bps = 1, hash = RECORD } = {}) =>
      world.fails(from.address, 'models', 'recordQuality', [version, bps, hash, runs])
    const early = retrain()
    expect(fails([early])).toBe('NotDrawn')
    world.pass(1n)
    drawn()
    const good = retrain()
    expect(fails([good], { from: stage.alice })).toBe('NotPublisher')
    expect(fails([])).toBe('InvalidField runs')
    expect(fails([good, good])).toBe('InvalidField runs')
    expect(fails([run])).toBe('NotRetraining')
    expect(fails([early])).toBe('NotRetraining')
    expect(fails([retrain(0)])).toBe('NotRetraining')
    expect(fails([99n])).toBe('UnknownRun')
    expect(fails([good], { bps: 10_001 })).toBe('InvalidField qualityBps')
    expect(fails([good], { hash: word(0) })).toBe('InvalidField recordHash')
    const foreign = stage.openRun([datanet]).run
    world.send(owner.address, 'models', 'recordStep', [foreign, 1, 0n, word(1)])
    expect(fails([foreign])).toBe('NotRetraining')
    const many = Array.from({ length: 64 }, () => retrain())
    expect(fails([good, ...many])).toBe('InvalidField runs')
    world.send(owner.address, 'models', 'recordQuality', [version, 1, RECORD, many])
    expect(world.gasUsed).toBeLessThan(1_000_000n)
    expect(model).toBe(1n)
  })

  it('is not made for a version that is retired, or that has failed, nor attested', () => {
    const { stage, world, owner, version, drawn, record, attest, retrain } = published()
    drawn()
    record(8_000)
    world.send(owner.address, 'models', 'retireVersion', [version])
    const runs = [retrain()]
    expect(world.fails(owner.address, 'models', 'recordQuality', [version, 1, RECORD, runs])).toBe('VersionHasRetired')
    expect(() => attest(stage.validator, 1n)).toThrow('VersionHasRetired')
  })

  it('counts a validator once, and no wei that has left in time to be back under another name', () => {
    const { stage, world, drawn, record, attest, quality } = published()
    drawn()
    record(8_000)
    attest(stage.validator, 1n)
    expect(() => attest(stage.validator, 1n)).toThrow('AlreadyAttested')
    expect(() => attest(stage.carol, 1n)).toThrow('NotValidator')
    const { validator } = STAKE_ROLE
    world.send(stage.validator.address, 'staking', 'unstake', [validator, parseEther('100')])
    world.pass(UNSTAKE_DELAY)
    world.send(stage.validator.address, 'staking', 'withdraw', [validator])
    stage.stake(stage.carol, validator, parseEther('100'))
    expect(() => attest(stage.carol, 1n)).toThrow('AttestationClosed')
    expect(quality().measured).toBe(false)
  })
})

describe('a run that the reference kernel cannot replay', () => {
  it('caps what its versions count for at 5,000 bps, measured or not, whenever it is flagged', () => {
    const { stage, world, owner, run, drawn, record, attest, quality } = published()
    drawn()
    record(8_000)
    for (const who of [stage.validator, stage.alice]) attest(who, 1n)
    expect(world.fails(stage.alice.address, 'models', 'flagUnreplayable', [run])).toBe('NotModelOwner')
    world.send(owner.address, 'models', 'flagUnreplayable', [run])
    expect(world.send(owner.address, 'models', 'isUnreplayable', [run])).toBe(true)
    expect(quality()).toEqual({ measured: true, qualityBps: 5_000 })
    record(3_000)
    for (const who of [stage.validator, stage.alice]) attest(who, 2n)
    expect(quality().qualityBps).toBe(3_000)
    expect(world.fails(owner.address, 'models', 'flagUnreplayable', [run])).toBe('AlreadyFlagged')
  })

  it('keeps its line', () => {
    const { stage, world, owner, model, datanet, version } = published()
    const child = stage.runOver(model, [datanet], version)
    const before = world.send(owner.address, 'models', 'lineageOf', [child])
    world.send(owner.address, 'models', 'flagUnreplayable', [child])
    expect(world.send(owner.address, 'models', 'lineageOf', [child])).toEqual(before)
  })
})
