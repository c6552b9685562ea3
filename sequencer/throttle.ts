/**
 * Smaller blocks while data waits for L1: past a first threshold of waiting bytes, what a block and a transaction may bring
 * shrinks with every byte more, down to a floor at the second. Users wait then, and the chain keeps within what L1 takes.
 */
import type { TransactionSource } from '../node/execution/execute-block.ts'
import type { SignedTransaction } from '../node/execution/transaction.ts'

/** Bytes of envelopes. */
export type DataLimits = { maxTransactionBytes: number; maxBlockBytes: number }

export type ThrottleOptions = {
  /** Waiting bytes at which blocks begin to shrink. Default 3,200,000. */
  lower?: number
  /** … and from which they shrink no further. Default 12,800,000. */
  upper?: number
}

const LARGEST: DataLimits = { maxTransactionBytes: 20_000, maxBlockBytes: 130_000 }
const SMALLEST: DataLimits = { maxTransactionBytes: 300, maxBlockBytes: 2_000 }

/** undefined: no limits. */
export function limitsOf(waiting: number, { lower = 3_200_000, upper = 12_800_000 }: ThrottleOptions = {}) {
  if (waiting < lower) return undefined
  const share = Math.min(1, (waiting - lower) / Math.max(1, upper - lower))
  const between = (most: number, least: number) => Math.round(most - (most - least) * share)
  return {
    maxTransactionBytes: between(LARGEST.maxTransactionBytes, SMALLEST.maxTransactionBytes),
    maxBlockBytes: between(LARGEST.maxBlockBytes, SMALLEST.maxBlockBytes),
  }
}

/** The source without what is beyond the limits; it stays where it was for a later block. */
export function limitedSource(source: TransactionSource, limits: DataLimits | undefined): TransactionSource {
  if (limits === undefined) return source
  let left = limits.maxBlockBytes
  return {
    next(block) {
      for (;;) {
        const transaction = source.next(block)
        if (transaction === undefined) return undefined
        const { length } = transaction.raw
        if (length <= limits.maxTransactionBytes && length <= left) return transaction
        source.skipped(transaction)
      }
    },
    included(transaction: SignedTransaction) {
      left -= transaction.raw.length
      source.included(transaction)
    },
    refused: (transaction, reason) => source.refused(transaction, reason),
    skipped: (transaction) => source.skipped(transaction),
  }
}
