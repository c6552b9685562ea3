/** The invariants of docs/protocol.md over random histories: calls of people and contracts, frames that revert, several provers, time. */
import fc from 'fast-check'
import { type Hex, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { NATIVE } from '../../../genesis/addresses.ts'
import { action, History, play, surviving } from './ledger-history.ts'

const histories = fc.array(action, { minLength: 5, maxLength: 25 })

/** What a world holds; slots that hold nothing are no difference. */
function footprint({ stage: { world } }: History) {
  return {
    storage: new Map([...world.storage].filter(([, value]) => value !== 0n)),
    balances: new Map([...world.balances].filter(([, value]) => value !== 0n)),
    logs: world.logs,
  }
}

describe('after any history', () => {
  it('1, 4, 5: contracts hold what they owe, nothing is minted, channels keep their bounds, totals are sums', () => {
    fc.assert(
      fc.property(histories, (actions) => {
        const history = new History()
        const { wei } = history
        play(history, actions, () => {
          expect(history.stage.world.audit()).toEqual([])
          expect(history.wei).toBe(wei)
        })
      }),
      { numRuns: 25 },
    )
  }, 120_000)

  it('2: frames that reverted have left no trace', () => {
    fc.assert(
      fc.property(histories, (actions) => {
        const history = new History()
        play(history, actions)
        const other = new History()
        play(other, surviving(actions))
        expect(footprint(history)).toEqual(footprint(other))
      }),
      { numRuns: 25 },
    )
  }, 120_000)

  it('4: no request has been settled twice', () => {
    fc.assert(
      fc.property(histories, (actions) => {
        const history = new History()
        play(history, actions)
        const settled = history.stage.world
          .events()
          .filter(({ name }) => name === 'Settled')
          .map(({ args }) => args.request as Hex)
        expect(new Set(settled).size).toBe(settled.length)
      }),
      { numRuns: 25 },
    )
  }, 120_000)
})

describe('an audit', () => {
  it('names a contract that owes more than it holds', () => {
    const history = new History()
    const { world } = history.stage
    world.balances.set(NATIVE.channels, parseEther('1.5'))
    expect(world.audit()).toEqual([`channels holds ${parseEther('1.5')} wei and owes ${parseEther('2')}`])
  })

  it('names a total that is not the sum of its parts, a stake locked for nothing, and a parameter out of range', () => {
    const history = new History()
    const { world } = history.stage
    const slots = [...world.storage].filter(([key]) => key.startsWith(NATIVE.staking))
    const faults = new Set<string>()
    for (const [key, value] of slots) {
      world.storage.set(key, value + 1n)
      for (const fault of world.audit()) faults.add(fault.replace(/0x[0-9a-f]+|\d{2,}/g, '…'))
      world.storage.set(key, value)
    }
    expect([...faults].join('\n')).toMatch(/role . has a total of … wei and stakes of …/)
    expect([...faults].join('\n')).toMatch(/… has … wei locked, its settlements 0|pool shares among/)
    world.storage.set(`${NATIVE.parameters}0x${'0'.repeat(62)}01`, 4_501n)
    expect(world.audit()).toEqual(['the parts of a fee add up to 10001 basis points'])
  })
})
