/** Actions of random histories: prices, quality, versions that are retired, and rows on demand. */
import fc from 'fast-check'
import type { Address } from '../../../genesis/addresses.ts'
import { OPENING_BOND } from './dispute-stage.ts'
import { type Act, type History, person } from './history-world.ts'
import { PRICE, word } from './ledger-stage.ts'

/** The first version, on which leaves rest, or one of the latest. */
function versionBy({ world, version, stage }: History, back: bigint | 'first'): bigint {
  const count = world.send(stage.owner.address, 'models', 'versionCount', [])
  return back === 'first' || count <= back ? version : count - back
}

const back = fc.constantFrom<bigint | 'first'>(0n, 0n, 0n, 1n, 2n)
const anyVersion = fc.oneof({ weight: 2, arbitrary: back }, { weight: 1, arbitrary: fc.constant<'first'>('first') })
/** Seldom the first: when it has failed or is retired, nothing settles any more. */
const mostlyLate = fc.oneof({ weight: 8, arbitrary: back }, { weight: 1, arbitrary: fc.constant<'first'>('first') })

const publishes = fc.constant<Act>((history) => {
  history.publish()
})

const price = fc.constantFrom(0n, PRICE / 1_000n, PRICE, PRICE, 2n * PRICE)
const prices = fc.tuple(price, price).map(
  ([pricePer1kIn, pricePer1kOut]): Act =>
    ({ world, stage }) => {
      const { owner } = world.send(stage.owner.address, 'models', 'getModel', [1n])
      world.send(owner.toLowerCase() as Address, 'models', 'setPrices', [1n, pricePer1kIn, pricePer1kOut])
    },
)

function drawQuality({ world, stage }: History, version: bigint): void {
  world.send(stage.alice.address, 'models', 'drawQuality', [version])
}

/** A retraining of the owner's. Returns its run. */
function retrain({ world, stage }: History): bigint {
  const run = stage.runOver(1n, [1n, 2n])
  world.send(stage.owner.address, 'models', 'recordStep', [run, 1, 0n, word(1)])
  return run
}

function recordQuality({ world, stage }: History, version: bigint, qualityBps: number): void {
  const { owner } = stage
  const runs = [world.send(owner.address, 'models', 'runCount', [])]
  world.send(owner.address, 'models', 'recordQuality', [version, qualityBps, word(5), runs])
}

function attestQuality({ world, stage }: History, version: bigint): void {
  const { validator } = stage
  const { record } = world.send(validator.address, 'models', 'qualityOf', [version])
  world.send(validator.address, 'models', 'attestQuality', [version, record])
}

const quality = fc
  .record({
    version: anyVersion,
    what: fc.constantFrom('draw', 'record', 'attest', 'flag', 'all', 'all'),
    qualityBps: fc.integer({ min: 0, max: 10_000 }),
    seed: fc.bigInt({ min: 0n, max: 1n << 32n }),
  })
  .map(
    ({ version: back, what, qualityBps, seed }): Act =>
      (history) => {
        const version = versionBy(history, back)
        const { world, stage } = history
        if (what === 'draw') drawQuality(history, version)
        if (what === 'record') recordQuality(history, version, qualityBps)
        if (what === 'attest') attestQuality(history, version)
        if (what === 'flag') {
          const run = world.send(stage.owner.address, 'models', 'runCount', [])
          world.send(stage.owner.address, 'models', 'flagUnreplayable', [run])
        }
        if (what !== 'all') return
        // Twice, because the first may only name another L1 block.
        for (let draws = 0n; draws < 2n; draws++) {
          history.openEpochs(2n, seed)
          history.attempt(() => drawQuality(history, version))
        }
        retrain(history)
        recordQuality(history, version, qualityBps)
        attestQuality(history, version)
      },
  )

const retires = fc.record({ version: mostlyLate, what: fc.constantFrom('retire', 'reclaim', 'both'), who: person }).map(
  ({ version: back, what, who }): Act =>
    (history) => {
      const { world, stage, people } = history
      const version = versionBy(history, back)
      if (what !== 'reclaim') world.send(stage.owner.address, 'models', 'retireVersion', [version])
      if (what === 'both') world.pass(60n)
      if (what !== 'retire') world.send(people[who]!.address, 'models', 'reclaimVersionBond', [version])
    },
)

const rows = fc
  .record({
    version: mostlyLate,
    row: fc.nat({ max: 2 }),
    what: fc.constantFrom('demand', 'reveal', 'punish', 'demand and reveal', 'demand and punish'),
    who: person,
  })
  .map(
    ({ version: back, row, what, who }): Act =>
      (history) => {
        const { world, people } = history
        const { address } = people[who]!
        const version = versionBy(history, back)
        const demand = () => world.send(address, 'attribution', 'demandRow', [version, row], { value: OPENING_BOND })
        const punish = () => world.send(address, 'attribution', 'punishHiddenRow', [version, row])
        if (what.startsWith('demand')) demand()
        if (what.endsWith('and punish')) world.pass(40n)
        if (what.endsWith('punish')) punish()
        if (!what.endsWith('reveal')) return
        const args = [version, history.evidence(row), ...history.item(row)] as const
        world.send(address, 'attribution', 'revealRow', args)
      },
  )

export const versionActs: fc.Arbitrary<Act> = fc.oneof(
  { weight: 1, arbitrary: publishes },
  { weight: 1, arbitrary: prices },
  { weight: 2, arbitrary: quality },
  { weight: 1, arbitrary: retires },
  { weight: 2, arbitrary: rows },
)
