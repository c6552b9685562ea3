import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NATIVE } from '../../../genesis/addresses.ts'
import { CallContext } from '../calls/context.ts'
import { at, variable } from '../calls/storage-layout.ts'
import { World } from '../testing/ledger-harness.ts'
import { addIncome, changeShares, incomeOf, sharesOf, takeIncome } from './streaming-pool.ts'

const pool = variable(NATIVE.datanets, 900)
const holders = variable(NATIVE.datanets, 901)
const none = '0x0000000000000000000000000000000000000000'
const SPAN = 100n

/** A pool over storage that outlives each of its calls. */
class Pool {
  now = 1_000n
  readonly #storage = new Map<string, bigint>()

  run<answer>(act: (context: CallContext, holder: (n: bigint) => ReturnType<typeof at>) => answer): answer {
    const storage = (address: string, slot: string) => this.#storage.get(address + slot) ?? 0n
    const reader = { ...new World().reader(), storage, originalStorage: storage }
    const block = { number: 1n, timestamp: this.now, prevRandao: '0x00', chainId: 1n } as const
    const call = { to: NATIVE.datanets, caller: none, origin: none, value: 0n, data: new Uint8Array(0) } as const
    const context = new CallContext(reader, { ...call, isStatic: false, gas: 10n ** 9n, block })
    const answer = act(context, (n) => at(context, holders, n))
    const result = context.result(new Uint8Array(0))
    if (result.ok) for (const { address, slot, value } of result.writes) this.#storage.set(address + slot, value)
    return answer
  }

  give(holder: bigint, change: bigint): void {
    this.run((context, place) => changeShares(context, pool, place(holder), change))
  }

  earn(amount: bigint): boolean {
    return this.run((context) => addIncome(context, pool, amount, SPAN))
  }

  income(holder: bigint): bigint {
    return this.run((context, place) => incomeOf(context, pool, place(holder)))
  }

  take(holder: bigint): bigint {
    return this.run((context, place) => takeIncome(context, pool, place(holder)))
  }

  shares(holder: bigint): bigint {
    return this.run((context, place) => sharesOf(context, pool, place(holder)).shares)
  }
}

describe('income', () => {
  it('streams linearly over the span, in proportion to shares', () => {
    const state = new Pool()
    state.give(1n, 3n)
    state.give(2n, 1n)
    expect(state.earn(4_000n)).toBe(true)
    expect([state.income(1n), state.income(2n)]).toEqual([0n, 0n])
    state.now += SPAN / 2n
    expect([state.income(1n), state.income(2n)]).toEqual([1_500n, 500n])
    state.now += SPAN
    expect([state.take(1n), state.take(2n), state.take(1n)]).toEqual([3_000n, 1_000n, 0n])
  })

  it('of before somebody came is not theirs', () => {
    const state = new Pool()
    state.give(1n, 1n)
    state.earn(1_000n)
    state.now += SPAN / 2n
    state.give(2n, 1n)
    state.now += SPAN
    expect([state.income(1n), state.income(2n)]).toEqual([750n, 250n])
  })

  it('new income joins what is left of the old, over a span from now', () => {
    const state = new Pool()
    state.give(1n, 1n)
    state.earn(1_000n)
    state.now += SPAN / 2n
    state.earn(500n)
    state.now += SPAN / 2n
    expect(state.income(1n)).toBe(1_000n)
    state.now += SPAN / 2n
    expect(state.income(1n)).toBe(1_500n)
  })

  it('finds nobody where there are no shares', () => {
    expect(new Pool().earn(1n)).toBe(false)
  })

  it('waits while nobody holds a share', () => {
    const state = new Pool()
    state.give(1n, 1n)
    state.earn(1_000n)
    state.now += SPAN / 2n
    state.give(1n, -1n)
    state.now += 7n * SPAN
    state.give(2n, 5n)
    state.now += SPAN
    expect([state.income(1n), state.income(2n)]).toEqual([500n, 500n])
  })
})

it('never pays out more than came in, and all but rounding in the end', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('give' as const),
      holder: fc.bigInt({ min: 1n, max: 3n }),
      amount: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    }),
    fc.record({ kind: fc.constant('drop' as const), holder: fc.bigInt({ min: 1n, max: 3n }), amount: fc.constant(0n) }),
    fc.record({ kind: fc.constant('take' as const), holder: fc.bigInt({ min: 1n, max: 3n }), amount: fc.constant(0n) }),
    fc.record({
      kind: fc.constant('earn' as const),
      holder: fc.constant(0n),
      amount: fc.bigInt({ min: 1n, max: 10n ** 24n }),
    }),
    fc.record({
      kind: fc.constant('wait' as const),
      holder: fc.constant(0n),
      amount: fc.bigInt({ min: 1n, max: 150n }),
    }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const state = new Pool()
      let inside = 0n
      for (const { kind, holder, amount } of steps) {
        if (kind === 'wait') state.now += amount
        if (kind === 'earn' && state.earn(amount)) inside += amount
        if (kind === 'take') inside -= state.take(holder)
        if (kind === 'give') state.give(holder, amount)
        if (kind === 'drop') state.give(holder, -state.shares(holder))
        expect(state.income(1n) + state.income(2n) + state.income(3n)).toBeLessThanOrEqual(inside)
      }
      state.give(3n, 1n)
      state.now += 2n * SPAN
      const left = inside - state.take(1n) - state.take(2n) - state.take(3n)
      expect(left).toBeGreaterThanOrEqual(0n)
      expect(left).toBeLessThan(100n)
    }),
    { numRuns: 100 },
  )
})
