/**
 * The pool as one block's builder sees it: best tip first, each account's nonces in order. Accounts wait in a heap
 * under their next transaction; what is included brings up the account's next one. Made for one block, then dropped.
 */
import type { TransactionSource } from '../node/execution/execute-block.ts'
import type { SignedTransaction } from '../node/execution/transaction.ts'
import type { PoolEntry } from './pool-account.ts'
import { effectiveTip } from './pool-validation.ts'
import { PriorityHeap } from './priority-heap.ts'

/** One account's executable transactions, and how many of them were handed out. */
type Run = { entries: PoolEntry[]; at: number; tip: bigint }

export class PoolSource implements TransactionSource {
  private heap: PriorityHeap<Run> | undefined
  private handed: Run | undefined
  private baseFee = 0n
  private readonly runs: PoolEntry[][]
  private readonly onRefused: (transaction: SignedTransaction, reason: string) => void

  /** `runs`: per account, what is executable now, in order of nonces. */
  constructor(runs: PoolEntry[][], onRefused: (transaction: SignedTransaction, reason: string) => void) {
    this.runs = runs
    this.onRefused = onRefused
  }

  next(block: { baseFee: bigint; gasLeft: bigint }): SignedTransaction | undefined {
    this.heap ??= this.order(block.baseFee)
    for (;;) {
      const run = this.heap.pop()
      if (run === undefined) return undefined
      const { transaction } = run.entries[run.at]!
      if (transaction.gasLimit > block.gasLeft) continue
      this.handed = run
      return transaction
    }
  }

  included(): void {
    const run = this.handed
    this.handed = undefined
    if (run === undefined) return
    run.at++
    this.offer(run)
  }

  /** The account's later nonces have a gap before them now, so the whole account is out of this block. */
  refused(transaction: SignedTransaction, reason: string): void {
    this.handed = undefined
    this.onRefused(transaction, reason)
  }

  skipped(): void {
    this.handed = undefined
  }

  private order(baseFee: bigint): PriorityHeap<Run> {
    this.baseFee = baseFee
    this.heap = new PriorityHeap<Run>(before)
    for (const entries of this.runs) this.offer({ entries, at: 0, tip: 0n })
    return this.heap
  }

  private offer(run: Run): void {
    const entry = run.entries[run.at]
    if (entry === undefined) return
    run.tip = effectiveTip(entry.transaction, this.baseFee)
    if (run.tip >= 0n) this.heap?.push(run)
  }
}

function before(a: Run, b: Run): boolean {
  if (a.tip !== b.tip) return a.tip > b.tip
  return a.entries[a.at]!.arrival < b.entries[b.at]!.arrival
}
