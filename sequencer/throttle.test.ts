import { describe, expect, it } from 'vitest'
import type { TransactionSource } from '../node/execution/execute-block.ts'
import type { SignedTransaction } from '../node/execution/transaction.ts'
import { limitedSource, limitsOf } from './throttle.ts'

const options = { lower: 1_000, upper: 2_000 }
const block = { baseFee: 0n, gasLeft: 30_000_000n }

/** A source of transactions of these lengths; what it was told is in `told`. */
function sourceOf(lengths: number[]) {
  const told: string[] = []
  const rest = lengths.map((length) => ({ raw: new Uint8Array(length) }) as SignedTransaction)
  const tell = (what: string) => (transaction: SignedTransaction) => void told.push(`${what} ${transaction.raw.length}`)
  const source: TransactionSource = {
    next: () => rest.shift(),
    included: tell('included'),
    refused: tell('refused'),
    skipped: tell('skipped'),
  }
  return { source, told }
}

describe('limits on data', () => {
  it('begin at the lower threshold and shrink to a floor at the upper one', () => {
    expect(limitsOf(999, options)).toBeUndefined()
    expect(limitsOf(1_000, options)).toEqual({ maxTransactionBytes: 20_000, maxBlockBytes: 130_000 })
    expect(limitsOf(1_500, options)).toEqual({ maxTransactionBytes: 10_150, maxBlockBytes: 66_000 })
    expect(limitsOf(2_000, options)).toEqual({ maxTransactionBytes: 300, maxBlockBytes: 2_000 })
    expect(limitsOf(9_000_000, options)).toEqual(limitsOf(2_000, options))
  })

  it('leave out what is too large by itself or for what is left of the block', () => {
    const { source, told } = sourceOf([500, 90, 60, 40, 10])
    const limited = limitedSource(source, { maxTransactionBytes: 100, maxBlockBytes: 150 })
    const taken: number[] = []
    for (let next = limited.next(block); next !== undefined; next = limited.next(block)) {
      taken.push(next.raw.length)
      limited.included(next)
    }
    expect(taken).toEqual([90, 60])
    expect(told).toEqual(['skipped 500', 'included 90', 'included 60', 'skipped 40', 'skipped 10'])
  })

  it('are none where none are asked for', () => {
    const { source } = sourceOf([1])
    expect(limitedSource(source, undefined)).toBe(source)
  })
})
