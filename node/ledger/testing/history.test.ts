/** The invariants of docs/protocol.md over random histories: calls of people and contracts, frames that revert, several provers, time. */
import fc from 'fast-check'
import { type Hex, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { NATIVE } from '../../../genesis/addresses.ts'
import { History } from './history-world.ts'
import { action, play, surviving } from './ledger-history.ts'

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

/** Of what random histories do; a function that never goes well would prove nothing. */
const ACTIONS: readonly string[] = [
  ...['datanets.commit', 'datanets.contributeContent', 'datanets.reclaimBond', 'datanets.withdraw'],
  ...['datanets.releaseShares', 'datanets.transferShares', 'datanets.setWeight', 'models.transferModel'],
  ...['channels.open', 'channels.topUp', 'channels.close', 'channels.refund', 'channels.authorizeSigner'],
  ...['staking.stake', 'staking.unstake', 'staking.withdraw', 'staking.collectRewards'],
  ...['attribution.settle', 'attribution.withdrawIncome', 'attribution.grant'],
  ...['attribution.settleBatch', 'attribution.settleDraws', 'attribution.forfeitDraws'],
  ...['models.publishVersion', 'models.attest', 'models.setPrices', 'models.flagUnreplayable'],
  ...['models.drawQuality', 'models.recordQuality', 'models.attestQuality'],
  ...['models.retireVersion', 'models.reclaimVersionBond'],
  ...['attribution.demandRow', 'attribution.revealRow', 'attribution.punishHiddenRow'],
  ...['attribution.demandOpening', 'attribution.punishHidden', 'attribution.challengeReceipt'],
  ...['attribution.commitChallenge', 'attribution.challengeRow', 'attribution.drawCommittee'],
  ...['attribution.commitSeat', 'attribution.revealSeat', 'attribution.decideRow', 'attribution.voidRound'],
]
/** What those actions must have come to. */
const OUTCOMES: readonly string[] = [
  'Settled',
  'DrawsSettled',
  'DrawsForfeited',
  'QualityAccepted',
  'RowHidden',
  'ClaimUndone',
]

it('1, 4, 5 again, over long histories in which every action has gone well', () => {
  const times = new Map<string, number>()
  const outcomes = new Map<string, number>()
  const count = (what: Map<string, number>, name: string, more = 1) => what.set(name, (what.get(name) ?? 0) + more)
  const long = fc.noBias(fc.array(action, { minLength: 40, maxLength: 60 }))
  // Always the same histories, so that what they cover is the same in every run.
  for (const actions of fc.sample(long, { numRuns: 40, seed: 2_026 })) {
    const history = new History()
    const { wei, world } = history
    const mark = world.logs.length
    play(history, actions, () => {
      expect(world.audit()).toEqual([])
      expect(history.wei).toBe(wei)
    })
    for (const [name, often] of world.wentWell) count(times, name, often)
    for (const { name } of world.events(mark)) count(outcomes, name)
  }
  expect(ACTIONS.filter((name) => !times.has(name))).toEqual([])
  expect(OUTCOMES.filter((name) => !outcomes.has(name))).toEqual([])
}, 120_000)

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
