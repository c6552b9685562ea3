/** For refusals.test.ts: versions of every standing. */
import { PREDEPLOYS } from '../../../genesis/addresses.ts'
import { RANDOMNESS_GAS } from '../../../genesis/gas.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { wordHex } from '../../execution/bytes.ts'
import { l1Number } from '../payouts/randomness.ts'
import { type DisputeStage, OPENING_BOND } from './dispute-stage.ts'
import { word } from './ledger-stage.ts'

/** Opens the epochs up to the number that the next draw names, without what they would pay out. */
export function passDraw({ world }: DisputeStage): void {
  const drawing = world.view(l1Number) + PARAMETERS.drawDelay.development
  while (world.view(l1Number) < drawing) {
    world.storage.set(PREDEPLOYS.l1Block + wordHex(0n), world.view(l1Number) + 1n)
    world.mature(2n * RANDOMNESS_GAS)
  }
}

export class VersionsStanding {
  /** Too old to be attested; retired, its bond returned; retired and held by a demand that is late; failed. */
  readonly overdue: bigint
  readonly emptied: bigint
  readonly held: bigint
  readonly failed: bigint
  /** Its quality is drawn and recorded. */
  readonly drawn: bigint
  /** Of the owner's model: flagged; opened since the draw, with a step and without; of another model. */
  readonly flaggedRun: bigint
  readonly retraining: bigint
  readonly idleRun: bigint
  readonly strangeRun: bigint

  /** Lets more than an unstaking delay pass. */
  constructor(stage: DisputeStage) {
    const { world, owner, challenger, validator, datanet } = stage
    const demand = (version: bigint) =>
      world.send(challenger.address, 'attribution', 'demandRow', [version, 0], { value: OPENING_BOND })
    const retire = (version: bigint) => world.send(owner.address, 'models', 'retireVersion', [version])
    ;[this.overdue, this.emptied, this.held, this.failed] = [1, 2, 3, 4].map(() => stage.publishRows()) as Four
    for (const version of [this.held, this.failed]) demand(version)
    for (const version of [this.emptied, this.held]) retire(version)
    world.pass(60n)
    world.send(challenger.address, 'models', 'reclaimVersionBond', [this.emptied])
    world.send(challenger.address, 'attribution', 'punishHiddenRow', [this.failed, 0])

    this.drawn = stage.publishRows()
    passDraw(stage)
    world.send(challenger.address, 'models', 'drawQuality', [this.drawn])
    const { model } = world.send(owner.address, 'models', 'getRun', [stage.run])
    this.retraining = stage.runOver(model, [datanet])
    this.idleRun = stage.runOver(model, [datanet])
    this.strangeRun = stage.openRun([datanet]).run
    world.send(owner.address, 'models', 'recordStep', [this.retraining, 1, 0n, word(1)])
    const record = [this.drawn, 4_000, word(5), [this.retraining]] as const
    world.send(owner.address, 'models', 'recordQuality', record)
    world.send(validator.address, 'models', 'attestQuality', [this.drawn, 1n])
    this.flaggedRun = stage.runOver(model, [datanet])
    world.send(owner.address, 'models', 'flagUnreplayable', [this.flaggedRun])
  }
}

/** Versions that are still young. */
export class YoungVersions {
  /** Retired; its draw's number has not come; row 0 is demanded. */
  readonly retired: bigint
  readonly undrawn: bigint
  readonly demanded: bigint

  constructor(stage: DisputeStage) {
    const { world, owner, challenger } = stage
    ;[this.retired, this.undrawn, this.demanded] = [1, 2, 3].map(() => stage.publishRows()) as Three
    world.send(owner.address, 'models', 'retireVersion', [this.retired])
    world.send(challenger.address, 'attribution', 'demandRow', [this.demanded, 0], { value: OPENING_BOND })
  }
}

type Three = [bigint, bigint, bigint]

type Four = [bigint, bigint, bigint, bigint]
