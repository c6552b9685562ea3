/**
 * Somebody who is everybody: every account of the stage is a self-dealer's, and there is nobody else who could have a part
 * of what it pays. It owns, curates and fills the Datanets, owns the model, stakes alone, answers and pays itself.
 */
import { parseEther } from 'viem'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { PARAMETERS, type ParameterName } from '../../../genesis/parameters.ts'
import { type Leaf, leafNode } from '../../../protocol/leaf.ts'
import { leafAt } from '../../../protocol/sum-tree.ts'
import { wordHex } from '../../execution/bytes.ts'
import { batchOf, DRAWS, pathOf } from './batch-stage.ts'
import { CallFailed, GOVERNOR } from './ledger-harness.ts'
import { type Actor, essay, OPEN_DATANET, Stage, THETA, VERSION_BOND, word } from './ledger-stage.ts'

export type Dealing = {
  /** What the governor asks for beforehand, in this order; what a setter refuses is not set. */
  parameters?: readonly (readonly [ParameterName, bigint])[]
  /** A Datanet each: its weights of the run (they add up to 10,000) and by the governor. */
  datanets?: readonly { runBps: number; governedBps: number; curated: boolean; revenueShareBps: number }[]
  /** Wei. */
  fees?: readonly bigint[]
  /** Works that each answer is said to rest on. */
  entries?: number
  /** Settled as one batch, whose draws follow from this seed; else one by one. */
  batchSeed?: bigint
}

export type Outcome = {
  fee: bigint
  /** Wei that the dealer has less than before, when all has matured and been withdrawn. */
  lost: bigint
  treasuryBps: bigint
  subsidyBps: bigint
}

const ONE_DATANET = [{ runBps: 10_000, governedBps: 10_000, curated: true, revenueShareBps: 0 }]

/** The dealer pays itself for some answers, waits until all has matured, and takes out what is its own. */
export function selfDeal(dealing: Dealing): Outcome {
  const stage = new Stage()
  const { world } = stage
  for (const [name, value] of dealing.parameters ?? []) ask(stage, name, value)
  const parameter = (name: ParameterName) => world.send(GOVERNOR, 'parameters', 'get', [PARAMETERS[name].id])
  const people = [stage.owner, stage.prover, stage.validator, stage.payer, stage.alice, stage.bob, stage.carol]
  const wealth = () => people.reduce((sum, { address }) => sum + world.balance(address), 0n)

  const plan = dealing.datanets ?? ONE_DATANET
  const { datanets, clusters } = fillDatanets(stage, plan)
  const version = liveVersion(
    stage,
    datanets,
    plan.map(({ runBps }) => runBps),
  )
  const fees = dealing.fees ?? [parseEther('1')]
  const fee = fees.reduce((sum, each) => sum + each, 0n)

  const before = wealth()
  const channel = stage.openChannel(fee)
  const entries = clusters
    .slice(0, dealing.entries ?? 1)
    .map((cluster, row) => ({ row, cluster, raw: Number(THETA) + 100, scale: 100 }))
  const leaves = fees.map((each, i) => stage.leaf({ channel, version, n: BigInt(i) + 1n, fee: each, entries }))
  if (dealing.batchSeed === undefined)
    for (const leaf of leaves) if (stage.settle(leaf, fee) !== 1n) throw new Error(`answer ${leaf.n} was not settled`)
  if (dealing.batchSeed !== undefined) settleBatch(stage, leaves, fee, dealing.batchSeed)
  takeOut(stage, people, datanets, parameter('window'))
  return {
    fee,
    lost: before - wealth(),
    treasuryBps: parameter('treasuryBps'),
    subsidyBps: parameter('subsidyBps'),
  }
}

/** Settles all as a batch, and every leaf that is drawn. */
function settleBatch(stage: Stage, leaves: Leaf[], fee: bigint, seed: bigint): void {
  const { world, payer } = stage
  const { address } = stage.prover
  const { root, parts } = batchOf(leaves)
  const vouchers = [stage.voucher(payer, leaves[0]!.channel, fee)]
  const batch = world.send(address, 'attribution', 'settleBatch', [root, leaves.length, parts, vouchers])
  const { drawnBy } = world.send(address, 'attribution', 'getBatch', [batch])
  world.epoch(drawnBy, wordHex(seed))
  const draws = Array.from({ length: DRAWS }, (_, draw) => world.send(address, 'attribution', 'drawOf', [batch, draw]))
  const hits = Map.groupBy(draws.keys(), (draw) => leafAt(leaves.map(leafNode), draws[draw]!))
  for (const [index, drawn] of hits) {
    const args = [batch, drawn, leaves[index]!, pathOf(leaves, index)] as const
    world.send(address, 'attribution', 'settleDraws', args)
  }
}

function ask(stage: Stage, name: ParameterName, value: bigint): void {
  try {
    stage.world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS[name].id, value])
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error
  }
}

/** One work a Datanet, by an account that neither curates it nor owns it. */
function fillDatanets(stage: Stage, plan: NonNullable<Dealing['datanets']>) {
  const { world, owner, alice, bob } = stage
  stage.stake(bob, STAKE_ROLE.curator, parseEther('10'))
  const filled = plan.map(({ governedBps, curated, revenueShareBps }, i) => {
    const licence = { ...OPEN_DATANET.licence, revenueShareBps }
    const curation = curated ? { policy: 1, curators: [bob.address], quorum: 1 } : {}
    const datanet = world.send(owner.address, 'datanets', 'create', [{ ...OPEN_DATANET, licence, ...curation }])
    world.send(GOVERNOR, 'datanets', 'setWeight', [datanet, governedBps])
    const { contribution } = stage.contribute(alice, datanet, essay(70 + i))
    if (curated) world.send(bob.address, 'datanets', 'review', [contribution, true])
    return { datanet, cluster: world.send(bob.address, 'datanets', 'getContribution', [contribution]).cluster }
  })
  return { datanets: filled.map(({ datanet }) => datanet), clusters: filled.map(({ cluster }) => cluster) }
}

function liveVersion(stage: Stage, datanets: bigint[], weights: number[]): bigint {
  const { world, owner, prover, validator } = stage
  stage.stake(prover, STAKE_ROLE.prover, parseEther('4000'))
  stage.stake(validator, STAKE_ROLE.validator, parseEther('100'))
  const base = world.send(owner.address, 'models', 'registerBase', [word(1), 'retrieval', word(2), ''])
  const price = parseEther('1000000')
  const model = world.send(owner.address, 'models', 'createModel', [base, datanets, price, price, 'answers'])
  for (const datanet of datanets) world.send(owner.address, 'datanets', 'buyLicence', [datanet, model, 1_000n])
  const run = world.send(owner.address, 'models', 'openRun', [model, word(3), word(4), 5n, datanets, weights])
  const version = stage.publish(run)
  world.send(validator.address, 'models', 'attest', [version])
  world.pass(2n)
  if (world.balance(NATIVE.models) < VERSION_BOND) throw new Error('the version has no bond')
  return version
}

/** Lets everything mature and stream out, and withdraws it all. */
function takeOut(stage: Stage, people: readonly Actor[], datanets: readonly bigint[], window: bigint): void {
  const { world } = stage
  for (let turn = 0; turn < 3; turn++) {
    world.pass(2n * window)
    if (!world.mature(20_000_000n).ok) throw new Error('the maturing deposit failed')
  }
  world.pass(2n * window)
  const take = (act: () => unknown) => {
    try {
      act()
    } catch (error) {
      if (!(error instanceof CallFailed && error.errorName === 'NothingToWithdraw')) throw error
    }
  }
  for (const { address } of people) {
    for (const role of [STAKE_ROLE.prover, STAKE_ROLE.validator, STAKE_ROLE.curator])
      take(() => world.send(address, 'staking', 'collectRewards', [role]))
    for (const datanet of datanets) {
      take(() => world.send(address, 'attribution', 'withdrawIncome', [datanet]))
      take(() => world.send(address, 'attribution', 'withdrawCuratorIncome', [datanet]))
    }
  }
}
