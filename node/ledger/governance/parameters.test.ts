import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NATIVE } from '../../../genesis/addresses.ts'
import { PARAMETERS, type ParameterName, parameterDefaults, parameterSlot } from '../../../genesis/parameters.ts'
import { GOVERNOR, World } from '../testing/ledger-harness.ts'
import { actor } from '../testing/ledger-stage.ts'
import { parameterFaults } from './parameters.ts'

const stranger = actor(1).address
const id = (name: ParameterName) => PARAMETERS[name].id
const get = (world: World, name: ParameterName) => world.send(stranger, 'parameters', 'get', [id(name)])
const set = (world: World, name: ParameterName, value: bigint) =>
  world.send(GOVERNOR, 'parameters', 'set', [id(name), value])
const setFails = (world: World, name: ParameterName, value: bigint) =>
  world.fails(GOVERNOR, 'parameters', 'set', [id(name), value])

describe('a parameter', () => {
  it('has its genesis value, under its id', () => {
    const world = new World()
    for (const [name, value] of Object.entries(parameterDefaults('development'))) {
      expect(get(world, name as ParameterName)).toBe(value)
    }
    expect(world.send(stranger, 'parameters', 'governor', [])).toBe(GOVERNOR)
  })

  it('is set by the governor alone, and logged', () => {
    const world = new World()
    expect(world.fails(stranger, 'parameters', 'set', [id('maxEntries'), 8n])).toBe('NotGovernor')
    set(world, 'maxEntries', 8n)
    expect(get(world, 'maxEntries')).toBe(8n)
    expect(world.events().at(-1)).toMatchObject({ name: 'ParameterSet', args: { id: 9, oldValue: 32n, newValue: 8n } })
  })

  it('that does not exist is an error', () => {
    const world = new World()
    expect(world.fails(stranger, 'parameters', 'get', [0])).toBe('UnknownParameter')
    expect(world.fails(GOVERNOR, 'parameters', 'set', [999, 1n])).toBe('UnknownParameter')
  })

  it('stays in its range', () => {
    const world = new World()
    expect(setFails(world, 'thresholdZ', 4n)).toBe('OutOfRange')
    expect(setFails(world, 'maxEntries', 33n)).toBe('OutOfRange')
    expect(setFails(world, 'maxContentBytes', 57_345n)).toBe('OutOfRange')
    expect(setFails(world, 'lockMultiple', 3n)).toBe('OutOfRange')
  })
})

describe('relations', () => {
  it('two windows are shorter than the unstaking delay, whichever is set', () => {
    const world = new World()
    expect(setFails(world, 'window', 30n)).toBe('OutOfRange')
    expect(setFails(world, 'unstakeDelay', 24n)).toBe('OutOfRange')
    set(world, 'window', 29n)
    expect(setFails(world, 'unstakeDelay', 58n)).toBe('OutOfRange')
    set(world, 'unstakeDelay', 59n)
  })

  it('a window is never shorter than what block 0 says, which nobody sets', () => {
    const world = new World()
    world.storage.set(NATIVE.parameters + parameterSlot(id('leastWindow')), 12n)
    expect(setFails(world, 'window', 11n)).toBe('OutOfRange')
    set(world, 'window', 13n)
    expect(setFails(world, 'leastWindow', 1n)).toBe('OutOfRange')
  })

  it('a demand is never to be answered in less: a sequencer that keeps its blocks back hides the demand with them', () => {
    const world = new World()
    world.storage.set(NATIVE.parameters + parameterSlot(id('leastWindow')), 12n)
    expect(setFails(world, 'openingPeriod', 11n)).toBe('OutOfRange')
    set(world, 'openingPeriod', 12n)
    world.storage.set(NATIVE.parameters + parameterSlot(id('openingPeriod')), 11n)
    expect(world.view(parameterFaults)).toEqual(['openingPeriod is shorter than leastWindow'])
  })

  it("the subsidy stays below the treasury's share, whichever is set", () => {
    const world = new World()
    expect(setFails(world, 'subsidyBps', 500n)).toBe('OutOfRange')
    set(world, 'subsidyBps', 499n)
    // One share up by a basis point would leave the treasury 499.
    expect(setFails(world, 'computeBps', 1_501n)).toBe('OutOfRange')
    set(world, 'subsidyBps', 498n)
    set(world, 'computeBps', 1_501n)
    expect(get(world, 'treasuryBps')).toBe(499n)
    set(world, 'subsidyBps', 0n)
    set(world, 'computeBps', 1_999n)
    expect(setFails(world, 'computeBps', 2_000n)).toBe('OutOfRange')
  })

  it('that a config broke are named by the audit', () => {
    const world = new World()
    const broken = { subsidyBps: 500n, unstakeDelay: 24n, leastWindow: 13n }
    for (const [name, value] of Object.entries(broken))
      world.storage.set(NATIVE.parameters + parameterSlot(id(name as ParameterName)), value)
    expect(world.view(parameterFaults)).toEqual([
      'subsidyBps is not below treasuryBps',
      'two windows are not shorter than unstakeDelay',
      'window is shorter than leastWindow',
    ])
  })

  it("the treasury's share is never set itself", () => {
    expect(setFails(new World(), 'treasuryBps', 100n)).toBe('OutOfRange')
  })

  it('the fee split adds up to 10,000 after any sequence of sets', () => {
    const shares = ['contributorsBps', 'modelOwnerBps', 'computeBps', 'stakersBps', 'curatorsBps'] as const
    const step = fc.record({ name: fc.constantFrom(...shares), value: fc.bigInt({ min: 0n, max: 10_000n }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const world = new World()
        for (const { name, value } of steps) {
          const room = get(world, name) + get(world, 'treasuryBps') - get(world, 'subsidyBps')
          if (value >= room) expect(setFails(world, name, value)).toBe('OutOfRange')
          else set(world, name, value)
        }
        const parts = [...shares, 'treasuryBps' as const].map((name) => get(world, name))
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(10_000n)
      }),
      { numRuns: 30 },
    )
  })
})
