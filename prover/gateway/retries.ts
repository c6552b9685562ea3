/** When what failed is tried again: ever more slowly, up to a longest wait. */
import type { Hex } from 'viem'

export class Retries {
  /** Milliseconds. */
  readonly #options: { interval: number; maxRetryWait: number }
  /** By request: tries so far, and the moment (performance.now) of the next. */
  readonly #waiting = new Map<Hex, { tries: number; at: number }>()

  constructor(options: { interval: number; maxRetryWait: number }) {
    this.#options = options
  }

  isDue(request: Hex): boolean {
    return (this.#waiting.get(request)?.at ?? 0) <= performance.now()
  }

  /** It has failed once more. */
  later(request: Hex): void {
    const tries = (this.#waiting.get(request)?.tries ?? 0) + 1
    const wait = Math.min(this.#options.interval * 2 ** tries, this.#options.maxRetryWait)
    this.#waiting.set(request, { tries, at: performance.now() + wait })
  }

  forget(request: Hex): void {
    this.#waiting.delete(request)
  }
}
