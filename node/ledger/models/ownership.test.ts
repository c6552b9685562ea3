import { describe, expect, it } from 'vitest'
import { CREDIT_ROLE } from '../../../genesis/abi/attribution.ts'
import { Stage } from '../testing/ledger-stage.ts'

describe('a model that changes hands', () => {
  function staged() {
    const stage = new Stage()
    const version = stage.liveVersion([stage.createDatanet()])
    const channel = stage.openChannel()
    const settle = (n: bigint) => stage.settle(stage.leaf({ channel, version, n }))
    const credited = (from: number) =>
      stage.world
        .events(from)
        .filter(({ name, args }) => name === 'Credited' && args.role === CREDIT_ROLE.modelOwner)
        .map(({ args }) => String(args.recipient).toLowerCase())
    return { stage, world: stage.world, owner: stage.owner, alice: stage.alice, settle, credited }
  }

  it('pays its new owner for what is settled from then on; what was credited before stays the old one’s', () => {
    const { stage, world, owner, alice, settle, credited } = staged()
    const mark = world.logs.length
    settle(0n)
    const pending = (who: string) => world.send(owner.address, 'attribution', 'pendingOf', [who as `0x${string}`])
    const before = pending(owner.address)
    stage.moveModel(owner, alice, 1n)
    expect(pending(owner.address)).toEqual(before)
    settle(1n)
    expect(credited(mark)).toEqual([owner.address, alice.address])
    expect(pending(owner.address)).toEqual(before)
    expect(pending(alice.address)).toEqual(before)
    const balance = world.balance(owner.address)
    world.pass(30n)
    expect(world.mature().ok).toBe(true)
    expect(world.balance(owner.address)).toBeGreaterThan(balance)
    expect(world.audit()).toEqual([])
  })

  it('is counted for its owner, and keeps its creator', () => {
    const { stage, world, owner, alice } = staged()
    const count = (who: typeof alice) => world.send(who.address, 'models', 'modelCountOf', [who.address])
    expect([count(owner), count(alice)]).toEqual([1n, 0n])
    stage.moveModel(owner, alice, 1n)
    stage.moveModel(alice, alice, 1n)
    expect([count(owner), count(alice)]).toEqual([0n, 1n])
    const [creator] = world.send(alice.address, 'models', 'royaltyOf', [1n])
    expect(creator.toLowerCase()).toBe(owner.address)
    expect(world.audit()).toEqual([])
  })

  it('takes no royalty that its creator thinks of after the sale', () => {
    const { stage, world, owner, alice } = staged()
    stage.moveModel(owner, alice, 1n)
    expect(world.fails(owner.address, 'models', 'setRoyalty', [1n, 100])).toBe('NotModelOwner')
    expect(world.fails(alice.address, 'models', 'setRoyalty', [1n, 100])).toBe('NotCreator')
    stage.moveModel(alice, owner, 1n)
    world.send(owner.address, 'models', 'setRoyalty', [1n, 0])
    expect(world.fails(owner.address, 'models', 'setRoyalty', [1n, 0])).toBe('RoyaltyAlreadySet')
    expect(world.send(alice.address, 'models', 'royaltyOf', [1n]).slice(1)).toEqual([0, true])
  })
})
