import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { type Address, NATIVE, PREDEPLOYS } from '../../../genesis/addresses.ts'
import { PARAMETERS } from '../../../genesis/parameters.ts'
import { wordHex } from '../../execution/bytes.ts'
import { readRecord, variable } from '../calls/storage-layout.ts'
import { World } from '../testing/ledger-harness.ts'
import { actor } from '../testing/ledger-stage.ts'
import { drawableStake, drawValidator, holderOf, treeLayout } from './validator-tree.ts'

const LEAST = PARAMETERS.minValidatorStake.development
/** L1 blocks between two boundaries. */
const WINDOW = 4n * PARAMETERS.drawDelay.development
const people = Array.from({ length: 12 }, (_, i) => actor(100 + i).address)

/** A world with a present L1 number, and a plain list of who has which place with how much. */
class Validators {
  readonly world = new World()
  /** By place, from 0. */
  readonly list: { validator: Address | undefined; stake: bigint; since: bigint }[] = []
  readonly free: number[] = []
  /** The list as it was when each boundary was passed. */
  #atBoundary: Validators['list'] = []
  /** What is staked below the least, by whom. */
  readonly #below = new Map<Address, bigint>()
  #l1 = 0n

  constructor() {
    for (const address of people) this.world.fund(address, 1_000n * LEAST)
    this.l1 = 2n * WINDOW
  }

  get l1(): bigint {
    return this.#l1
  }

  set l1(number: bigint) {
    if (number - (number % WINDOW) > this.#l1) this.#atBoundary = this.list.map((place) => ({ ...place }))
    this.#l1 = number
    this.world.storage.set(PREDEPLOYS.l1Block + wordHex(0n), number)
  }

  get boundary(): bigint {
    return this.#l1 - (this.#l1 % WINDOW)
  }

  stake(validator: Address, value: bigint): void {
    this.world.send(validator, 'staking', 'stake', [STAKE_ROLE.validator], { value })
    let at = this.list.findIndex((place) => place.validator === validator)
    if (at === -1) {
      at = this.free.pop() ?? this.list.length
      this.list[at] = { validator, stake: this.#below.get(validator) ?? 0n, since: this.#l1 }
      this.#below.delete(validator)
    }
    this.list[at]!.stake += value
  }

  /** Who is left with less than the least stake gives its place up, and keeps what it has. */
  unstake(validator: Address, amount: bigint): void {
    const at = this.list.findIndex((place) => place.validator === validator)
    if (at === -1) return
    const taken = amount < this.list[at]!.stake ? amount : this.list[at]!.stake
    this.world.send(validator, 'staking', 'unstake', [STAKE_ROLE.validator, taken])
    this.list[at]!.stake -= taken
    if (this.list[at]!.stake >= LEAST) return
    this.#below.set(validator, this.list[at]!.stake)
    this.list[at]!.validator = undefined
    this.list[at]!.stake = 0n
    this.free.push(at)
  }

  /** Whose wei number `ticket` was at the boundary; undefined where it has left since. */
  plain(ticket: bigint): Address | undefined {
    let rest = ticket
    for (const [at, place] of this.#atBoundary.entries()) {
      const weight = place.stake >= LEAST ? place.stake : 0n
      if (rest >= weight) {
        rest -= weight
        continue
      }
      const now = this.list[at]!
      return now.since >= this.boundary ? undefined : now.validator
    }
    return undefined
  }

  get totalAtBoundary(): bigint {
    return this.#atBoundary.reduce((total, { stake }) => total + (stake >= LEAST ? stake : 0n), 0n)
  }
}

type Step = { kind: 'stake' | 'unstake' | 'leave'; who: number; amount: bigint } | { kind: 'time'; blocks: bigint }
const who = fc.nat({ max: people.length - 1 })
const amount = fc.bigInt({ min: 1n, max: 3n * LEAST })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('stake' as const, 'unstake' as const, 'leave' as const), who, amount }),
  fc.record({ kind: fc.constant('time' as const), blocks: fc.bigInt({ min: 1n, max: 2n * WINDOW }) }),
)

function take(validators: Validators, each: Step): void {
  if (each.kind === 'time') validators.l1 += each.blocks
  else if (each.kind === 'stake') validators.stake(people[each.who]!, LEAST + each.amount)
  else validators.unstake(people[each.who]!, each.kind === 'leave' ? 1_000n * LEAST : each.amount)
}

describe('a draw', () => {
  it('finds whom a plain list of stakes at the boundary would find', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.array(fc.bigInt({ min: 0n, max: 2n ** 128n }), { maxLength: 12 }),
        (steps, tickets) => {
          const validators = new Validators()
          for (const each of steps) {
            take(validators, each)
            const total = validators.totalAtBoundary
            if (total === 0n) continue
            for (const ticket of [0n, total - 1n, ...tickets.map((wide) => wide % total)])
              expect(validators.world.view((context) => holderOf(context, ticket, validators.boundary))).toBe(
                validators.plain(ticket),
              )
          }
          const counted = validators.list.reduce((sum, { stake }) => sum + (stake >= LEAST ? stake : 0n), 0n)
          expect(validators.world.view(drawableStake)).toBe(counted)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('falls by stake: three of four to who has three quarters', () => {
    const validators = new Validators()
    validators.stake(people[0]!, 3n * LEAST)
    validators.stake(people[1]!, LEAST)
    validators.l1 += WINDOW
    const { boundary, world } = validators
    const drawn = Array.from({ length: 400 }, (_, index) =>
      world.view((context) => drawValidator(context, { seed: 7n, index, boundary })),
    )
    const first = drawn.filter((each) => each === people[0]).length
    expect(first).toBeGreaterThan(270)
    expect(first).toBeLessThan(330)
    expect(drawn.filter((each) => each === people[1]).length).toBe(400 - first)
  })

  it('does not see what is staked, or moved, after the boundary', () => {
    const validators = new Validators()
    validators.stake(people[0]!, LEAST)
    validators.l1 += WINDOW
    const { boundary, world } = validators
    const at = (ticket: bigint) => world.view((context) => holderOf(context, ticket, boundary))
    validators.stake(people[1]!, 100n * LEAST)
    expect([at(0n), at(LEAST - 1n), at(LEAST)]).toEqual([people[0], people[0], undefined])
    // A place that changes hands meanwhile is nobody's for this draw.
    validators.unstake(people[0]!, LEAST)
    validators.stake(people[2]!, LEAST)
    expect(at(0n)).toBeUndefined()
  })

  it('keeps no place for who is left with less than the least: a wei in each would shut everybody out', () => {
    const validators = new Validators()
    const { world } = validators
    const places = () => world.view((context) => readRecord(context, variable(NATIVE.staking, 11), treeLayout).places)
    for (const who of people.slice(0, 3)) {
      validators.stake(who, LEAST)
      validators.unstake(who, LEAST - 1n)
    }
    expect(places()).toBe(1n)
    validators.stake(people[0]!, LEAST)
    expect([places(), world.view(drawableStake)]).toEqual([1n, LEAST + 1n])
  })

  it('finds nobody where nothing is staked', () => {
    const { world, boundary } = new Validators()
    expect(world.view((context) => drawValidator(context, { seed: 7n, index: 0, boundary }))).toBeUndefined()
  })

  it('takes reads in the logarithm of the places', () => {
    const validators = new Validators()
    const gasOfOne = () => {
      const { world, boundary } = validators
      return world.view((context) => {
        const before = context.gasLeft
        drawValidator(context, { seed: 9n, index: 1, boundary })
        return before - context.gasLeft
      })
    }
    const crowd = Array.from({ length: 256 }, (_, i): Address => `0x${(0x1000 + i).toString(16).padStart(40, '0')}`)
    for (const address of crowd) {
      validators.world.fund(address, LEAST)
      validators.world.send(address, 'staking', 'stake', [STAKE_ROLE.validator], { value: LEAST })
    }
    validators.l1 += WINDOW
    // The total, the count, nine nodes, the holder: at 2,100 gas each and a little hashing.
    expect(gasOfOne()).toBeLessThan(13n * 2_300n)
  })
})
