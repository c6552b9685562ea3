/** What the governor does beside setting parameters: grants out of the treasury, Datanets' weights and what they move. */
import { type Hex, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { CREDIT_ROLE } from '../../../genesis/abi/attribution.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { pendingOf, TARGET_KIND } from '../payouts/pending.ts'
import { GOVERNOR, type World } from '../testing/ledger-harness.ts'
import { Stage } from '../testing/ledger-stage.ts'

const FEE = 10_000n
const events = (world: World, mark: number, name: string) => world.events(mark).filter((each) => each.name === name)
const weigh = (stage: Stage, datanet: bigint, weightBps: number) =>
  stage.world.send(GOVERNOR, 'datanets', 'setWeight', [datanet, weightBps])

/** What a settlement credited: role, cluster or Datanet, wei. */
function settled(stage: Stage, version: bigint, fee = FEE): [number, bigint, bigint][] {
  const mark = stage.world.logs.length
  expect(stage.settle(stage.leaf({ channel: stage.openChannel(), version, fee }))).toBe(1n)
  return events(stage.world, mark, 'Credited').map(({ args }) => [
    args.role as number,
    args.cluster as bigint,
    args.amount as bigint,
  ])
}

const ofRole = (credits: [number, bigint, bigint][], role: number) => credits.filter(([each]) => each === role)

describe('a Datanet’s weight', () => {
  it('is 0 until the governor sets it, and logged', () => {
    const stage = new Stage()
    const { world } = stage
    const datanet = stage.createDatanet()
    expect(world.send(stage.bob.address, 'datanets', 'weightOf', [datanet])).toBe(0)
    expect(world.fails(stage.owner.address, 'datanets', 'setWeight', [datanet, 1])).toBe('NotGovernor')
    weigh(stage, datanet, 7_000)
    weigh(stage, datanet, 10_000)
    expect(world.send(stage.bob.address, 'datanets', 'weightOf', [datanet])).toBe(10_000)
    expect(world.events().at(-1)).toMatchObject({
      name: 'WeightSet',
      args: { datanet, oldWeightBps: 7_000, newWeightBps: 10_000 },
    })
  })

  it('moves its part of the subsidy from the treasury to it, by the weight of the run too, rounded down', () => {
    const stage = new Stage()
    const datanets = [stage.createDatanet(), stage.createDatanet(), stage.createDatanet()]
    const version = stage.liveVersion(datanets)
    const before = settled(stage, version)
    expect(ofRole(before, CREDIT_ROLE.subsidy)).toEqual([])
    weigh(stage, datanets[0]!, 10_000)
    weigh(stage, datanets[2]!, 5_000)
    const after = settled(stage, version)
    // 250 of 10,000; the run weighs them 3,334, 3,333 and 3,333.
    expect(ofRole(after, CREDIT_ROLE.subsidy)).toEqual([
      [CREDIT_ROLE.subsidy, datanets[0]!, 83n],
      [CREDIT_ROLE.subsidy, datanets[2]!, 41n],
    ])
    const kept = (credits: typeof after) =>
      ofRole(credits, CREDIT_ROLE.treasury).reduce((sum, [, , wei]) => sum + wei, 0n)
    expect(kept(before) - kept(after)).toBe(124n)
    const rest = (credits: typeof after) =>
      credits.filter(([role]) => role !== CREDIT_ROLE.subsidy && role !== CREDIT_ROLE.treasury)
    expect(rest(after)).toEqual(rest(before))
    expect(after.reduce((sum, [, , wei]) => sum + wei, 0n)).toBe(FEE)
  })

  it('moves nothing where the subsidy is 0, and costs no slot then', () => {
    const stage = new Stage()
    const datanets = [stage.createDatanet()]
    const version = stage.liveVersion(datanets)
    weigh(stage, datanets[0]!, 10_000)
    settled(stage, version)
    settled(stage, version)
    const withSubsidy = stage.world.gasUsed
    stage.world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.subsidyBps.id, 0n])
    expect(ofRole(settled(stage, version), CREDIT_ROLE.subsidy)).toEqual([])
    expect(withSubsidy - stage.world.gasUsed).toBeGreaterThan(2_100n)
  })

  it('is the weight of the moment of settling: what was credited stays', () => {
    const stage = new Stage()
    const datanets = [stage.createDatanet()]
    const version = stage.liveVersion(datanets)
    weigh(stage, datanets[0]!, 10_000)
    settled(stage, version)
    weigh(stage, datanets[0]!, 0)
    const due = stage.world.view((context) => pendingOf(context, { kind: TARGET_KIND.datanet, id: datanets[0]! }))
    expect(due).toBe(4_500n + 250n)
  })
})

describe('a claim that is undone', () => {
  it('takes back the subsidy too', () => {
    const stage = new Stage()
    const { world, bob } = stage
    const datanet = stage.createDatanet()
    const version = stage.liveVersion([datanet])
    weigh(stage, datanet, 10_000)
    const leaf = stage.leaf({ channel: stage.openChannel(), version, fee: FEE })
    const mark = world.logs.length
    stage.settle(leaf)
    const due = () => world.view((context) => pendingOf(context, { kind: TARGET_KIND.datanet, id: datanet }))
    expect(due()).toBe(4_750n)
    const claim = events(world, mark, 'Claimed')[0]!.args.claim as Hex
    world.send(bob.address, 'attribution', 'demandOpening', [claim, leaf], { value: parseEther('0.01') })
    world.pass(60n)
    world.send(bob.address, 'attribution', 'punishHidden', [claim, leaf])
    expect(due()).toBe(0n)
    expect(world.balance(NATIVE.attribution)).toBe(0n)
    expect(world.audit()).toEqual([])
  })
})

describe('a grant', () => {
  function withTreasury() {
    const stage = new Stage()
    const version = stage.liveVersion([stage.createDatanet()])
    settled(stage, version, parseEther('1'))
    stage.world.pass(24n)
    stage.world.mature()
    return { stage, version, world: stage.world, held: stage.world.send(GOVERNOR, 'attribution', 'treasury', []) }
  }

  it('pays what has matured in the treasury, and no wei more', () => {
    const { world, stage, held } = withTreasury()
    expect(held).toBeGreaterThan(parseEther('0.04'))
    const before = world.balance(stage.carol.address)
    expect(world.fails(GOVERNOR, 'attribution', 'grant', [stage.carol.address, held + 1n])).toBe('TreasuryTooSmall')
    expect(world.fails(stage.owner.address, 'attribution', 'grant', [stage.carol.address, 1n])).toBe('NotGovernor')
    world.send(GOVERNOR, 'attribution', 'grant', [stage.carol.address, held - 5n])
    expect(world.balance(stage.carol.address) - before).toBe(held - 5n)
    expect(world.send(GOVERNOR, 'attribution', 'treasury', [])).toBe(5n)
    expect(world.events().at(-1)).toMatchObject({ name: 'Granted', args: { amount: held - 5n } })
    expect(world.fails(GOVERNOR, 'attribution', 'grant', [stage.carol.address, 6n])).toBe('TreasuryTooSmall')
  })

  it('leaves everything that is owed to others', () => {
    const { world, stage, version, held } = withTreasury()
    settled(stage, version)
    world.send(GOVERNOR, 'attribution', 'grant', [stage.carol.address, held])
    expect(world.audit()).toEqual([])
    expect(world.balance(NATIVE.attribution)).toBe(FEE)
  })
})
