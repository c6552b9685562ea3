import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { shareTokenOf } from '../../../protocol/share-token.ts'
import { type Actor, essay, OPEN_DATANET, Stage, utf8 } from '../testing/ledger-stage.ts'

/** Past it no earlier commitment can be used. */
const LIFETIME = 86_401n

/** Alice's contribution in a Datanet of the owner's. */
function staged() {
  const stage = new Stage()
  const { world, alice, bob, carol } = stage
  const datanet = stage.createDatanet()
  const { contribution, cluster } = stage.contribute(alice, datanet, essay(1))
  const account = (who: Actor) => world.send(who.address, 'datanets', 'shareAccountOf', [datanet, who.address])
  const [units] = account(alice)
  const release = (who = alice, id = cluster) => world.send(who.address, 'datanets', 'releaseShares', [id])
  const withdraw = () => world.fails(alice.address, 'datanets', 'withdraw', [contribution])
  return { stage, world, alice, bob, carol, datanet, contribution, cluster, units, account, release, withdraw }
}

describe('share units', () => {
  it('are minted to the payee, bound to its cluster, and logged as a transfer from nobody', () => {
    const { world, alice, datanet, units, account } = staged()
    expect(units).toBe(135n)
    expect(account(alice)).toEqual([units, units, 0n])
    expect(world.events().find(({ name }) => name === 'SharesTransferred')?.args).toMatchObject({
      datanet,
      from: '0x0000000000000000000000000000000000000000',
      amount: units,
    })
  })

  it('are released when no earlier commitment can take their cluster any more', () => {
    const { stage, world, alice, bob, datanet, cluster, units, account, release } = staged()
    const [released, releasableAt] = world.send(bob.address, 'datanets', 'releaseOf', [cluster])
    expect([released, releasableAt]).toEqual([false, world.now + 86_400n])
    world.pass(86_400n)
    expect(world.fails(alice.address, 'datanets', 'releaseShares', [cluster])).toBe('ReleaseTooEarly')
    world.pass(1n)
    release()
    expect(account(alice)).toEqual([units, 0n, 0n])
    stage.transferShares(alice, bob, datanet, 35n)
    expect([account(alice), account(bob)]).toEqual([
      [100n, 0n, 0n],
      [35n, 0n, 0n],
    ])
    expect(world.audit()).toEqual([])
  })

  it('wait for the review of what was proposed with an earlier commitment, in a curated Datanet', () => {
    const { world, alice } = outrun()
    const contribution = world.send(alice.address, 'datanets', 'getContribution', [2n])
    const [released, releasableAt] = world.send(alice.address, 'datanets', 'releaseOf', [1n])
    expect([released, releasableAt]).toEqual([true, contribution.committedAt + 86_400n + 60n])
  })

  it('of which the bound part stays, whoever asks', () => {
    const { stage, world, alice, bob, datanet, release } = staged()
    const args = [datanet, alice.address, bob.address, 1n] as const
    expect(world.fails(shareTokenOf(datanet), 'datanets', 'transferShares', args)).toBe('SharesBound')
    world.pass(LIFETIME)
    release()
    stage.contribute(alice, datanet, essay(2))
    const all = [datanet, alice.address, bob.address, 136n] as const
    expect(world.fails(shareTokenOf(datanet), 'datanets', 'transferShares', all)).toBe('SharesBound')
    for (const caller of [alice.address, NATIVE.datanets, shareTokenOf(datanet + 1n)])
      expect(world.fails(caller, 'datanets', 'transferShares', args)).toBe('NotShareToken')
  })

  it('can be sent to oneself, and none can be sent', () => {
    const { stage, world, alice, bob, datanet, units, account, release } = staged()
    world.pass(LIFETIME)
    release()
    stage.transferShares(alice, alice, datanet, units)
    stage.transferShares(bob, alice, datanet, 0n)
    expect(account(alice)).toEqual([units, 0n, 0n])
    expect(world.audit()).toEqual([])
  })
})

describe('a cluster whose units were sold', () => {
  function sold(amount = 35n) {
    const staging = staged()
    const { stage, world, alice, bob, datanet, release } = staging
    world.pass(LIFETIME)
    release()
    stage.transferShares(alice, bob, datanet, amount)
    return staging
  }

  it('is not withdrawn until its payee has them back', () => {
    const { stage, world, alice, bob, datanet, contribution, account, withdraw } = sold()
    expect(withdraw()).toBe('SharesMissing')
    stage.transferShares(bob, alice, datanet, 35n)
    world.send(alice.address, 'datanets', 'withdraw', [contribution])
    expect([account(alice), account(bob)]).toEqual([
      [0n, 0n, 0n],
      [0n, 0n, 0n],
    ])
    expect(world.audit()).toEqual([])
  })

  it('is not withdrawn with units that stand for another cluster', () => {
    const { stage, world, alice, datanet, withdraw } = sold()
    stage.contribute(alice, datanet, essay(2))
    expect(withdraw()).toBe('SharesMissing')
    expect(world.audit()).toEqual([])
  })

  it('still ends against its payee’s will: what is free is burned, and the rest is a debt', () => {
    const { world, alice, bob, datanet, lead, account } = outrun()
    lead()
    expect([account(alice), account(bob)]).toEqual([
      [0n, 0n, 35n],
      [135n, 135n, 0n],
    ])
    expect(world.send(alice.address, 'datanets', 'getDatanet', [datanet]).totalShares).toBe(170n)
    expect(world.audit()).toEqual([])
  })
})

describe('a debt of units', () => {
  it('is repaid by units that come back, and what is more is kept', () => {
    const { stage, world, alice, carol, datanet, lead, account } = outrun()
    lead()
    expect(stage.transferShares(carol, alice, datanet, 10n)).toBe(10n)
    expect(account(alice)).toEqual([0n, 0n, 25n])
    expect(world.audit()).toEqual([])
    expect(stage.transferShares(carol, alice, datanet, 25n)).toBe(25n)
    expect(account(alice)).toEqual([0n, 0n, 0n])
    expect(world.audit()).toEqual([])
  })

  it('is repaid by the release of another cluster, and not by its minting', () => {
    const { stage, world, alice, datanet, lead, accept, account } = outrun()
    lead()
    const { contribution } = stage.contribute(alice, datanet, essay(2))
    accept(contribution)
    expect(account(alice)).toEqual([135n, 135n, 35n])
    world.pass(LIFETIME + 60n)
    world.send(alice.address, 'datanets', 'releaseShares', [2n])
    expect(account(alice)).toEqual([100n, 0n, 0n])
    expect(world.audit()).toEqual([])
  })
})

describe('income of units', () => {
  it('stays with who held them while it streamed; a buyer earns from then on', () => {
    const { stage, world, alice, bob, datanet, release, units } = staged()
    const version = stage.liveVersion([datanet])
    world.pass(LIFETIME)
    release()
    const channel = stage.openChannel()
    stage.settle(stage.leaf({ channel, version, fee: 10n ** 18n }))
    world.pass(24n)
    expect(world.mature().ok).toBe(true)
    const income = (who: Actor) => world.send(who.address, 'attribution', 'incomeOf', [datanet, who.address])
    // The stream runs for one window, 12 s.
    world.pass(6n)
    const half = income(alice)
    expect(half).toBeGreaterThan(0n)
    stage.transferShares(alice, bob, datanet, units)
    expect([income(alice), income(bob)]).toEqual([half, 0n])
    world.pass(100n)
    expect(income(alice)).toBe(half)
    expect(income(bob) - half).toBeGreaterThanOrEqual(-2n)
    expect(income(bob) - half).toBeLessThanOrEqual(2n)
    const before = world.balance(bob.address)
    const earned = income(bob)
    world.send(bob.address, 'attribution', 'withdrawIncome', [datanet])
    expect(world.balance(bob.address)).toBe(before + earned)
    expect(world.audit()).toEqual([])
  })
})

/** Alice's released cluster in a curated Datanet, of which carol holds 35 units; `lead` accepts bob's earlier proposal. */
function outrun() {
  const stage = new Stage()
  const { world, alice, bob, carol, owner } = stage
  const config = { ...OPEN_DATANET, policy: 1, quorum: 1, curators: [carol.address] }
  const datanet = world.send(owner.address, 'datanets', 'create', [config])
  stage.stake(carol, STAKE_ROLE.curator, parseEther('10'))
  const accept = (id: bigint) => world.send(carol.address, 'datanets', 'review', [id, true])
  const text = utf8(essay(1))
  for (const who of [bob, alice]) stage.commit(who, datanet, text)
  const [early, late] = [stage.show(bob, datanet, text), stage.show(alice, datanet, text)]
  accept(late.contribution)
  world.pass(LIFETIME + 60n)
  world.send(alice.address, 'datanets', 'releaseShares', [1n])
  stage.transferShares(alice, carol, datanet, 35n)
  const account = (who: Actor) => world.send(who.address, 'datanets', 'shareAccountOf', [datanet, who.address])
  return { stage, world, alice, bob, carol, datanet, accept, account, lead: () => accept(early.contribution) }
}
