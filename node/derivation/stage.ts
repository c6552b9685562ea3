/**
 * The form of every pull stage: `next` gives one value, or undefined once all data up to the current L1 block (`origin`)
 * has been given; the pipeline then moves the innermost source, L1Traversal, one block on and pulls again.
 */
import type { L1BlockRef } from '../l1/source.ts'

export interface Stage<T> {
  /** The L1 block whose data is being read. */
  readonly origin: L1BlockRef
  next(): Promise<T | undefined>
  /** Forgets everything that is buffered. */
  reset(): void
}

/** Told of everything that a stage refuses, with the reason: for logs and metrics, never for decisions. */
export type OnDropped = (stage: string, reason: string) => void
