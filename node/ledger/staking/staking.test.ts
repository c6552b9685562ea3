import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { Stage } from '../testing/ledger-stage.ts'

const { prover, validator, curator } = STAKE_ROLE
const ten = parseEther('10')

describe('staking', () => {
  it('takes the least of the role at first, then any more', () => {
    const { world, alice } = new Stage()
    expect(world.fails(alice.address, 'staking', 'stake', [prover], { value: ten - 1n })).toBe('StakeTooSmall')
    world.send(alice.address, 'staking', 'stake', [prover], { value: ten })
    world.send(alice.address, 'staking', 'stake', [prover], { value: 1n })
    expect(world.send(alice.address, 'staking', 'stakeOf', [alice.address, prover])).toMatchObject({ amount: ten + 1n })
    expect(world.send(alice.address, 'staking', 'totalStake', [prover])).toBe(ten + 1n)
  })

  it('keeps roles apart: a stake backs one', () => {
    const { world, alice } = new Stage()
    world.send(alice.address, 'staking', 'stake', [validator], { value: ten })
    expect(world.send(alice.address, 'staking', 'stakeOf', [alice.address, prover])).toMatchObject({ amount: 0n })
    expect(world.send(alice.address, 'staking', 'totalStake', [curator])).toBe(0n)
  })

  it('knows three roles', () => {
    const { world, alice } = new Stage()
    expect(world.fails(alice.address, 'staking', 'stake', [4], { value: ten })).toBe('UnknownRole')
    expect(world.fails(alice.address, 'staking', 'stakeOf', [alice.address, 0])).toBe('UnknownRole')
  })
})

describe('leaving', () => {
  it('takes two steps and the delay between them', () => {
    const { world, alice } = new Stage()
    world.send(alice.address, 'staking', 'stake', [prover], { value: ten })
    const before = world.balance(alice.address)
    world.send(alice.address, 'staking', 'unstake', [prover, ten])
    expect(world.send(alice.address, 'staking', 'totalStake', [prover])).toBe(0n)
    expect(world.fails(alice.address, 'staking', 'withdraw', [prover])).toBe('TooEarly')
    world.pass(60n)
    expect(world.send(alice.address, 'staking', 'withdraw', [prover])).toBe(ten)
    expect(world.balance(alice.address)).toBe(before + ten)
    expect(world.fails(alice.address, 'staking', 'withdraw', [prover])).toBe('NothingToWithdraw')
  })

  it('is for free stake only', () => {
    const stage = new Stage()
    const { world } = stage
    const version = stage.liveVersion([stage.createDatanet()])
    stage.settle(stage.leaf({ channel: stage.openChannel(), version }))
    const address = stage.prover.address
    expect(world.send(address, 'staking', 'stakeOf', [address, prover])).toMatchObject({ locked: parseEther('0.4') })
    expect(world.fails(address, 'staking', 'unstake', [prover, parseEther('1000')])).toBe('NotEnoughFreeStake')
    world.send(address, 'staking', 'unstake', [prover, parseEther('999.6')])
  })

  it('of nothing is refused', () => {
    const { world, alice } = new Stage()
    expect(world.fails(alice.address, 'staking', 'unstake', [prover, 0n])).toBe('InvalidField amount')
    expect(world.fails(alice.address, 'staking', 'unstake', [prover, 1n])).toBe('NotEnoughFreeStake')
  })
})

it("stakers' share of fees reaches them by stake, streaming over one window", () => {
  const stage = new Stage()
  const { world } = stage
  const version = stage.liveVersion([stage.createDatanet()])
  stage.settle(stage.leaf({ channel: stage.openChannel(), version, fee: parseEther('1') }))
  const [a, b] = [stage.prover.address, stage.validator.address]
  expect(world.fails(a, 'staking', 'collectRewards', [prover])).toBe('NothingToWithdraw')
  world.pass(24n)
  world.mature()
  world.pass(12n)
  // 10 % of the fee; the prover has 1000 of the 1100 OPEN staked.
  const rewards = [
    world.send(a, 'staking', 'collectRewards', [prover]),
    world.send(b, 'staking', 'collectRewards', [validator]),
  ]
  expect(rewards).toEqual([(parseEther('0.1') * 10n) / 11n, parseEther('0.1') / 11n])
})
