/**
 * One account's transactions in the pool, in order of nonces. The front without gaps that the balance covers is
 * executable ("pending" in geth's words); the rest waits ("queued").
 */
import type { SignedTransaction } from '../node/execution/transaction.ts'

export type PoolEntry = {
  transaction: SignedTransaction
  /** Most wei that the transaction can take: gas at its cap, value, L1 and operator fee as they stood on arrival. */
  cost: bigint
  /** Order of arrival: breaks ties of price. */
  arrival: number
}

export class AccountQueue {
  /** The account's next nonce and balance at the head. */
  nonce: bigint
  balance: bigint
  private readonly entries: PoolEntry[] = []
  /** Cost of all entries together. */
  private totalCost = 0n

  constructor(nonce: bigint, balance: bigint) {
    this.nonce = nonce
    this.balance = balance
  }

  get size(): number {
    return this.entries.length
  }

  all(): readonly PoolEntry[] {
    return this.entries
  }

  at(nonce: bigint): PoolEntry | undefined {
    const index = this.indexOf(nonce)
    const entry = this.entries[index]
    return entry?.transaction.nonce === nonce ? entry : undefined
  }

  /** Puts the entry in place of one with the same nonce, which it returns. */
  put(entry: PoolEntry): PoolEntry | undefined {
    const index = this.indexOf(entry.transaction.nonce)
    const replaced = this.entries[index]?.transaction.nonce === entry.transaction.nonce ? 1 : 0
    this.totalCost += entry.cost
    return this.paidFor(this.entries.splice(index, replaced, entry))[0]
  }

  remove(nonce: bigint): PoolEntry | undefined {
    const index = this.indexOf(nonce)
    if (this.entries[index]?.transaction.nonce !== nonce) return undefined
    return this.paidFor(this.entries.splice(index, 1))[0]
  }

  /** Moves to the account's state at a new head; returns what can never run any more. */
  advance(nonce: bigint, balance: bigint): PoolEntry[] {
    this.nonce = nonce
    this.balance = balance
    return this.paidFor(this.entries.splice(0, this.indexOf(nonce)))
  }

  /** How many from the front are executable: consecutive nonces from the account's, within its balance. */
  executable(): number {
    let sum = 0n
    let count = 0
    for (const { transaction, cost } of this.entries) {
      sum += cost
      if (transaction.nonce !== this.nonce + BigInt(count) || sum > this.balance) break
      count++
    }
    return count
  }

  /** Wei that all entries with a lower nonce than this may take together. */
  costBefore(nonce: bigint): bigint {
    const index = this.indexOf(nonce)
    if (index === this.entries.length) return this.totalCost
    return this.entries.slice(0, index).reduce((sum, entry) => sum + entry.cost, 0n)
  }

  last(): PoolEntry | undefined {
    return this.entries.at(-1)
  }

  private paidFor(removed: PoolEntry[]): PoolEntry[] {
    for (const { cost } of removed) this.totalCost -= cost
    return removed
  }

  /** Where a nonce stands, or would stand (binary search). */
  private indexOf(nonce: bigint): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.entries[middle]!.transaction.nonce < nonce) low = middle + 1
      else high = middle
    }
    return low
  }
}
