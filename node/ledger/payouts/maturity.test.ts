import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { MATURING_DEPOSITOR, NATIVE } from '../../../genesis/addresses.ts'
import { MATURING_ITEM_GAS } from '../../../genesis/gas.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import type { Leaf } from '../../../protocol/leaf.ts'
import { GOVERNOR } from '../testing/ledger-harness.ts'
import { type Actor, essay, Stage, THETA } from '../testing/ledger-stage.ts'

/** The development network's window, in seconds. */
const WINDOW = 12n
const fee = parseEther('1')

function staged() {
  const stage = new Stage()
  const datanet = stage.createDatanet()
  const { cluster } = stage.contribute(stage.alice, datanet, essay(1))
  const version = stage.liveVersion([datanet])
  const channel = stage.openChannel(parseEther('100'))
  // A whole number of windows, so that a bucket begins now.
  stage.world.pass(WINDOW - (stage.world.now % WINDOW))
  const entries = [{ row: 0, cluster, raw: Number(THETA) + 1, scale: 100 }]
  let n = 0n
  const settle = (changes: Partial<Leaf> = {}) =>
    stage.settle(stage.leaf({ channel, version, entries, fee, n: n++, ...changes }), parseEther('100'))
  const earned = (who: Actor) => stage.world.send(who.address, 'attribution', 'earnedOf', [who.address])
  const pending = (who: Actor) => stage.world.send(who.address, 'attribution', 'pendingOf', [who.address])
  const locked = () =>
    stage.world.send(stage.prover.address, 'staking', 'stakeOf', [stage.prover.address, STAKE_ROLE.prover]).locked
  return { stage, world: stage.world, datanet, settle, earned, pending, locked }
}

/** What alice, the owner and the prover get of one fee of 1 OPEN. */
const ALICES = parseEther('0.225')
const OWNERS = parseEther('0.2')
const PROVERS = parseEther('0.15')

describe('the maturing deposit', () => {
  it('pays one to two windows after settlement, into balances, and frees the stake', () => {
    const { stage, world, settle, earned, pending, locked } = staged()
    settle()
    const before = world.balance(stage.alice.address)
    expect(pending(stage.alice)).toBe(ALICES)
    expect(locked()).toBe(4n * fee)
    world.pass(2n * WINDOW - 1n)
    world.mature()
    expect(world.balance(stage.alice.address)).toBe(before)
    world.pass(1n)
    world.mature()
    expect(world.balance(stage.alice.address)).toBe(before + ALICES)
    expect([earned(stage.alice), earned(stage.owner), earned(stage.prover)]).toEqual([ALICES, OWNERS, PROVERS])
    expect([pending(stage.alice), locked()]).toEqual([0n, 0n])
  })

  it('does nothing where nothing is due', () => {
    const { world } = staged()
    expect(world.mature()).toMatchObject({ ok: true, writes: [], logs: [], transfers: [] })
  })

  it('is for the reserved sender: empty calldata of anybody else reverts', () => {
    const { stage, world } = staged()
    expect(world.raw(stage.alice.address, 'attribution', new Uint8Array(0))).toMatchObject({
      ok: false,
      kind: 'revert',
    })
    expect(world.raw(MATURING_DEPOSITOR, 'channels', new Uint8Array(0))).toMatchObject({ ok: false, kind: 'revert' })
  })

  it('adds up what one bucket holds, and keeps buckets apart', () => {
    const { stage, world, settle, earned } = staged()
    settle()
    settle()
    world.pass(WINDOW)
    settle()
    world.pass(WINDOW)
    world.mature()
    expect(earned(stage.alice)).toBe(2n * ALICES)
    world.pass(WINDOW)
    world.mature()
    expect(earned(stage.alice)).toBe(3n * ALICES)
  })

  it('stops before its gas ends, and goes on the next time', () => {
    const { stage, world, settle, earned, locked } = staged()
    settle()
    world.pass(2n * WINDOW)
    let calls = 0
    while (earned(stage.prover) === 0n || locked() !== 0n) {
      const result = world.mature(MATURING_ITEM_GAS + 30_000n)
      expect(result.ok).toBe(true)
      expect(++calls).toBeLessThan(20)
    }
    expect(calls).toBeGreaterThan(2)
    expect([earned(stage.alice), earned(stage.owner), earned(stage.prover)]).toEqual([ALICES, OWNERS, PROVERS])
  })

  it('that is late loses nothing: a full lane is owed when its turn comes again', () => {
    const { stage, world, settle, earned, locked } = staged()
    for (let bucket = 0; bucket < 5; bucket++) {
      settle()
      world.pass(WINDOW)
    }
    world.mature()
    expect(earned(stage.alice)).toBe(4n * ALICES)
    expect(locked()).toBe(4n * fee)
    world.pass(WINDOW)
    world.mature()
    expect([earned(stage.alice), locked()]).toEqual([5n * ALICES, 0n])
  })

  it('keeps dust until there is more of it', () => {
    const { stage, world, settle, earned, pending } = staged()
    const dust = 4_000_000_000n
    settle({ fee: dust })
    world.pass(2n * WINDOW)
    world.mature()
    expect([earned(stage.alice), pending(stage.alice)]).toEqual([0n, (dust * 225n) / 1000n])
    settle({ fee: dust })
    world.pass(2n * WINDOW)
    world.mature()
    expect([earned(stage.alice), pending(stage.alice)]).toEqual([(2n * dust * 225n) / 1000n, 0n])
  })

  it('pays nothing early where the window grows meanwhile, and nothing twice', () => {
    const { stage, world, settle, earned, locked } = staged()
    settle()
    world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.unstakeDelay.id, 1_000n])
    world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.window.id, 100n])
    settle()
    world.send(GOVERNOR, 'parameters', 'set', [PARAMETERS.window.id, 12n])
    settle()
    for (let step = 0; step < 30; step++) {
      world.pass(12n)
      world.mature()
    }
    expect(earned(stage.alice)).toBe(3n * ALICES)
    expect(locked()).toBe(0n)
  })
})

describe("a Datanet's income", () => {
  it('streams to its share holders, who withdraw it', () => {
    const { stage, world, datanet, settle } = staged()
    settle()
    world.pass(2n * WINDOW)
    world.mature()
    const income = () => world.send(stage.alice.address, 'attribution', 'incomeOf', [datanet, stage.alice.address])
    expect(income()).toBe(0n)
    world.pass(WINDOW / 2n)
    // Rates are rounded down: a wei stays behind.
    expect(income()).toBe(ALICES / 2n - 1n)
    world.pass(WINDOW)
    const before = world.balance(stage.alice.address)
    expect(world.send(stage.alice.address, 'attribution', 'withdrawIncome', [datanet])).toBe(ALICES - 1n)
    expect(world.balance(stage.alice.address)).toBe(before + ALICES - 1n)
    expect(world.fails(stage.alice.address, 'attribution', 'withdrawIncome', [datanet])).toBe('NothingToWithdraw')
    expect(world.fails(stage.bob.address, 'attribution', 'withdrawIncome', [datanet])).toBe('NothingToWithdraw')
  })

  it('goes to the treasury where nobody holds a share', () => {
    const { stage, world, settle } = staged()
    settle({ entries: [] })
    world.send(stage.alice.address, 'datanets', 'withdraw', [1n])
    world.pass(2n * WINDOW)
    world.mature()
    // 5 % treasury, 5 % curators, 45 % contributors.
    expect(world.send(stage.alice.address, 'attribution', 'treasury', [])).toBe(parseEther('0.55'))
    expect(world.balance(NATIVE.attribution)).toBe(parseEther('0.55'))
  })
})
