/** How a version ends, what happens to its bond, and whose attestation counts. */
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { BURNED } from '../../../genesis/addresses.ts'
import { OPENING_BOND } from '../testing/dispute-stage.ts'
import { Stage, VERSION_BOND } from '../testing/ledger-stage.ts'

/** Seconds, on a development network. */
const UNSTAKE_DELAY = 60n

function live() {
  const stage = new Stage()
  const datanet = stage.createDatanet()
  const version = stage.liveVersion([datanet])
  const { world, owner } = stage
  const isLive = () => world.send(owner.address, 'models', 'isLive', [version])
  const retire = () => world.send(owner.address, 'models', 'retireVersion', [version])
  const reclaim = (from = stage.bob) => world.send(from.address, 'models', 'reclaimVersionBond', [version])
  const standing = () => world.send(owner.address, 'models', 'standingOf', [version])
  return { stage, world, owner, datanet, version, isLive, retire, reclaim, standing }
}

describe('a retired version', () => {
  it('is not live any more, and gives its bond back to its publisher after the delay, whoever asks', () => {
    const { world, owner, version, isLive, retire, reclaim, standing } = live()
    retire()
    expect(isLive()).toBe(false)
    const bondAt = world.now + UNSTAKE_DELAY
    expect(standing()).toEqual({ failedAt: 0n, retiredAt: world.now, bondAt, bond: VERSION_BOND, holds: 0n })
    expect(world.events().at(-1)).toMatchObject({ name: 'VersionRetired', args: { version, bondAt } })
    world.pass(UNSTAKE_DELAY - 1n)
    expect(() => reclaim()).toThrow('TooEarly')
    world.pass(1n)
    const before = world.balance(owner.address)
    reclaim()
    expect(world.balance(owner.address)).toBe(before + VERSION_BOND)
    expect(() => reclaim()).toThrow('NothingToWithdraw')
    expect(world.audit()).toEqual([])
  })

  it('still settles what was opened before, and nothing that was opened later', () => {
    const { stage, world, version, retire } = live()
    const channel = stage.openChannel()
    const asOf = world.number
    world.pass(2n)
    retire()
    const later = stage.leaf({ channel, version, n: 1n })
    expect(stage.settle(later)).toBe(0n)
    world.pass(20n)
    expect(stage.settle(stage.leaf({ channel, version, n: 2n }))).toBe(0n)
    expect(stage.settle(stage.leaf({ channel, version, n: 3n, asOf }))).toBe(1n)
  })

  it('is no parent of runs', () => {
    const { stage, world, owner, datanet, version, retire } = live()
    const { model } = world.send(owner.address, 'models', 'getVersion', [version])
    retire()
    expect(() => stage.runOver(model, [datanet], version)).toThrow('VersionNotLive')
  })

  it("is its publisher's to retire, once", () => {
    const { stage, world, version, retire, reclaim } = live()
    expect(world.fails(stage.alice.address, 'models', 'retireVersion', [version])).toBe('NotPublisher')
    expect(world.fails(stage.owner.address, 'models', 'retireVersion', [9n])).toBe('UnknownVersion')
    expect(() => reclaim()).toThrow('NotRetired')
    retire()
    expect(() => retire()).toThrow('VersionHasRetired')
  })

  it('may be one that nobody attested: its publisher has the bond back', () => {
    const { stage, world, owner, version } = live()
    const { run } = world.send(owner.address, 'models', 'getVersion', [version])
    const stillborn = stage.publish(run)
    world.send(owner.address, 'models', 'retireVersion', [stillborn])
    expect(world.fails(stage.validator.address, 'models', 'attest', [stillborn])).toBe('VersionHasRetired')
    world.pass(UNSTAKE_DELAY)
    world.send(owner.address, 'models', 'reclaimVersionBond', [stillborn])
    expect(world.audit()).toEqual([])
  })

  it('loses its bond to a proof that comes before the bond is back, however late the publisher retires it', () => {
    const { stage, world, version, isLive, retire, reclaim, standing } = live()
    const { carol } = stage
    world.send(carol.address, 'attribution', 'demandRow', [version, 3], { value: OPENING_BOND })
    retire()
    world.pass(UNSTAKE_DELAY)
    expect(() => reclaim()).toThrow('VersionHeld')
    const before = world.balance(carol.address)
    world.send(carol.address, 'attribution', 'punishHiddenRow', [version, 3])
    expect(world.balance(carol.address)).toBe(before + OPENING_BOND + VERSION_BOND / 2n)
    expect(world.balance(BURNED)).toBe(VERSION_BOND / 2n)
    expect(standing()).toMatchObject({ failedAt: world.now, bond: 0n, holds: 0n })
    expect(isLive()).toBe(false)
    expect(() => reclaim()).toThrow('NothingToWithdraw')
    expect(world.audit()).toEqual([])
  })
})

describe('attesting', () => {
  const { validator } = STAKE_ROLE

  it('ends before stake that attested and left can be back under another name', () => {
    const stage = new Stage()
    const { world, alice, bob, carol } = stage
    stage.stake(alice, validator, parseEther('40'))
    stage.stake(bob, validator, parseEther('60'))
    const version = stage.publish(stage.openRun([stage.createDatanet()]).run)
    world.send(alice.address, 'models', 'attest', [version])
    world.send(alice.address, 'staking', 'unstake', [validator, parseEther('40')])
    world.pass(UNSTAKE_DELAY - 1n)
    expect(world.fails(alice.address, 'staking', 'withdraw', [validator])).toBe('TooEarly')
    world.pass(1n)
    world.send(alice.address, 'staking', 'withdraw', [validator])
    stage.stake(carol, validator, parseEther('40'))
    expect(world.fails(carol.address, 'models', 'attest', [version])).toBe('AttestationClosed')
    expect(world.send(alice.address, 'models', 'isLive', [version])).toBe(false)
  })

  it('is open to the last second, also for who staked after publication', () => {
    const stage = new Stage()
    const { world, alice } = stage
    const version = stage.publish(stage.openRun([stage.createDatanet()]).run)
    world.pass(UNSTAKE_DELAY - 1n)
    stage.stake(alice, validator, parseEther('40'))
    world.send(alice.address, 'models', 'attest', [version])
    expect(world.send(alice.address, 'models', 'isLive', [version])).toBe(true)
  })
})
