/** A sequencer that refuses to take an account's transactions into blocks, and says nothing of it. */
import type { Address } from '../../genesis/addresses.ts'
import type { TransactionSource } from '../../node/execution/execute-block.ts'

export type Censorship = { source(): TransactionSource; refusedSenders: Set<Address> }

export function censoring(pool: { source(): TransactionSource }): Censorship {
  const refusedSenders = new Set<Address>()
  const source = (): TransactionSource => {
    const honest = pool.source()
    return {
      next: (block) => {
        for (;;) {
          const transaction = honest.next(block)
          if (transaction === undefined || !refusedSenders.has(transaction.sender)) return transaction
          honest.skipped(transaction)
        }
      },
      included: (transaction) => honest.included(transaction),
      refused: (transaction, reason) => honest.refused(transaction, reason),
      skipped: (transaction) => honest.skipped(transaction),
    }
  }
  return { source, refusedSenders }
}
