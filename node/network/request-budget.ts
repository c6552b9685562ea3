/** How many requests each peer may make: a bucket of 1,024 that refills by 64 a second. */
import type { Clock } from '../chain/clock.ts'

const CAPACITY = 1024
const PER_SECOND = 64

export class RequestBudget {
  readonly #clock: Pick<Clock, 'now'>
  readonly #left = new Map<string, { tokens: number; at: number }>()

  constructor(modules: { clock: Pick<Clock, 'now'> }) {
    this.#clock = modules.clock
  }

  /** Takes one request from the peer's bucket; false where it is empty. */
  take(peer: string): boolean {
    const now = this.#clock.now()
    const entry = this.#left.get(peer) ?? { tokens: CAPACITY, at: now }
    const tokens = Math.min(CAPACITY, entry.tokens + ((now - entry.at) / 1000) * PER_SECOND)
    if (tokens < 1) return false
    this.#left.set(peer, { tokens: tokens - 1, at: now })
    return true
  }

  /** A peer left: its bucket is as full as a stranger's when it comes back after the time that filling takes. */
  forget(peer: string): void {
    const entry = this.#left.get(peer)
    if (entry !== undefined && this.#clock.now() - entry.at >= (CAPACITY / PER_SECOND) * 1000) this.#left.delete(peer)
  }
}
