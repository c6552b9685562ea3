/** Lineage at bounded cost: what a settlement costs does not grow with the works that a version stands on, nor with its line. */
import { expect, it } from 'vitest'
import { PRICE, Stage } from '../testing/ledger-stage.ts'
import { lineageCosts } from '../testing/lineage-costs.ts'

it('a version over 300 contributions is published, settles, matures and pays for the gas of one over ten', () => {
  const many = lineageCosts(300)
  expect(many).toMatchObject({ clusters: 300n, faults: [] })
  expect(many.gas).toEqual(lineageCosts(10).gas)
})

it('a line of twenty models costs a settlement no more than a line of four above it', () => {
  const stage = new Stage()
  const { world, owner } = stage
  const datanet = stage.createDatanet()
  let version = stage.liveVersion([datanet])
  const channel = stage.openChannel()
  const gas: bigint[] = []
  for (let depth = 0; depth < 20; depth++) {
    expect(stage.settle(stage.leaf({ channel, version, n: BigInt(depth) }))).toBe(1n)
    gas.push(world.gasUsed)
    world.pass(24n)
    world.mature()
    const base = world.send(owner.address, 'models', 'getModel', [1n]).base
    const child = world.send(owner.address, 'models', 'createModel', [base, [datanet], PRICE, PRICE, `child ${depth}`])
    const run = stage.runOver(child, [datanet], version)
    expect(world.send(owner.address, 'models', 'lineageOf', [run])[1].length).toBe(Math.min(depth + 1, 4))
    version = stage.publish(run)
    world.send(stage.validator.address, 'models', 'attest', [version])
    world.pass(2n)
  }
  const deep = gas.slice(5)
  expect(Math.max(...deep.map(Number))).toBe(Math.min(...deep.map(Number)))
  expect(Number(deep[0])).toBeGreaterThan(Number(gas[1]))
})
