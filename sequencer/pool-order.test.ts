/** The order of a block against its definition, for arbitrary pools. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Address } from '../genesis/addresses.ts'
import type { SignedTransaction } from '../node/execution/transaction.ts'
import { AccountQueue, type PoolEntry } from './pool-account.ts'
import { PoolSource } from './pool-source.ts'
import { effectiveTip } from './pool-validation.ts'
import { PriorityHeap } from './priority-heap.ts'

const offer = fc.record({
  sender: fc.integer({ min: 0, max: 3 }),
  nonce: fc.integer({ min: 0, max: 5 }),
  tip: fc.bigInt({ min: 0n, max: 5n }),
  cap: fc.bigInt({ min: 5n, max: 20n }),
  cost: fc.bigInt({ min: 1n, max: 10n }),
})

function entry(
  { sender, nonce, tip, cap, cost }: typeof offer extends fc.Arbitrary<infer T> ? T : never,
  arrival: number,
): PoolEntry {
  const transaction: SignedTransaction = {
    type: 2,
    hash: `0x${arrival.toString(16)}`,
    raw: new Uint8Array(0),
    sender: `0x${sender}` as Address,
    to: undefined,
    value: 0n,
    gasLimit: 21_000n,
    data: new Uint8Array(0),
    nonce: BigInt(nonce),
    signature: { yParity: 0, r: 1n, s: 1n },
    chainId: 901n,
    maxPriorityFeePerGas: tip,
    maxFeePerGas: cap,
    accessList: [],
  }
  return { transaction, cost, arrival }
}

describe('an account queue', () => {
  it('agrees with a plain list about what is executable and what it costs', () => {
    const nonceAndBalance = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.bigInt({ min: 0n, max: 30n }))
    fc.assert(
      fc.property(
        fc.array(offer, { maxLength: 12 }),
        nonceAndBalance,
        fc.integer({ min: 0, max: 6 }),
        (offers, [nonce, balance], probe) => {
          const queue = new AccountQueue(0n, 0n)
          const list = new Map<bigint, PoolEntry>()
          offers.forEach((made, arrival) => {
            const added = entry(made, arrival)
            expect(queue.put(added)).toBe(list.get(added.transaction.nonce))
            list.set(added.transaction.nonce, added)
          })
          queue.remove(BigInt(probe))
          list.delete(BigInt(probe))
          queue.advance(BigInt(nonce), balance)
          for (const held of list.keys()) if (held < BigInt(nonce)) list.delete(held)

          let executable = 0
          let sum = 0n
          for (let next = BigInt(nonce); list.has(next); next++) {
            sum += list.get(next)!.cost
            if (sum > balance) break
            executable++
          }
          expect(queue.executable()).toBe(executable)
          expect(queue.size).toBe(list.size)
          for (const below of [0n, 2n, 4n, 9n]) {
            const cost = [...list.values()]
              .filter(({ transaction }) => transaction.nonce < below)
              .reduce((total, each) => total + each.cost, 0n)
            expect(queue.costBefore(below)).toBe(cost)
          }
        },
      ),
    )
  })
})

describe('a block', () => {
  it('always takes the best tip among the next transactions of all accounts', () => {
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 20 }), fc.bigInt({ min: 0n, max: 20n }), (offers, baseFee) => {
        const queues = new Map<string, AccountQueue>()
        offers.forEach((made, arrival) => {
          const added = entry(made, arrival)
          const queue = queues.get(added.transaction.sender) ?? new AccountQueue(0n, 1_000n)
          queues.set(added.transaction.sender, queue)
          queue.put(added)
        })
        const runs = [...queues.values()].map((queue) => queue.all().slice(0, queue.executable()))
        const waiting = runs.map((run) => [...run])
        const source = new PoolSource(runs, () => {})
        for (;;) {
          const taken = source.next({ baseFee, gasLeft: 30_000_000n })
          const heads = waiting
            .flatMap((run) => run.slice(0, 1))
            .filter(({ transaction }) => effectiveTip(transaction, baseFee) >= 0n)
          heads.sort(
            (a, b) =>
              Number(effectiveTip(b.transaction, baseFee) - effectiveTip(a.transaction, baseFee)) ||
              a.arrival - b.arrival,
          )
          expect(taken).toBe(heads[0]?.transaction)
          if (taken === undefined) break
          for (const run of waiting) if (run[0]?.transaction === taken) run.shift()
          source.included()
        }
      }),
    )
  })
})

describe('the heap', () => {
  it('gives numbers in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const heap = new PriorityHeap<number>((a, b) => a < b)
        for (const number of numbers) heap.push(number)
        const out = numbers.map(() => heap.pop())
        expect(out).toEqual([...numbers].sort((a, b) => a - b))
        expect(heap.pop()).toBeUndefined()
      }),
    )
  })
})
