/** A clock for tests: time stands still until `advance`, which wakes the waits that have become due, in order. */
import type { Clock } from '../clock.ts'

type Waiting = { due: number; wake: () => void }

export class ManualClock implements Clock {
  private time: number
  private waiting: Waiting[] = []
  private watchers: (() => void)[] = []

  constructor(startMilliseconds: number) {
    this.time = startMilliseconds
  }

  now(): number {
    return this.time
  }

  wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const entry: Waiting = {
        due: this.time + Math.max(0, milliseconds),
        wake: () => {
          signal.removeEventListener('abort', entry.wake)
          this.waiting = this.waiting.filter((other) => other !== entry)
          resolve()
        },
      }
      signal.addEventListener('abort', entry.wake, { once: true })
      this.waiting.push(entry)
      for (const watcher of this.watchers.splice(0)) watcher()
    })
  }

  /** How many waits are open: 0 after a clean stop. */
  get pending(): number {
    return this.waiting.length
  }

  /** Resolves once somebody waits (at once where somebody does): the code under test has nothing more to do now. */
  async idle(): Promise<void> {
    while (this.waiting.length === 0) await new Promise<void>((resolve) => this.watchers.push(resolve))
  }

  advance(milliseconds: number): void {
    this.time += milliseconds
    const due = this.waiting.filter((entry) => entry.due <= this.time).sort((a, b) => a.due - b.due)
    for (const entry of due) entry.wake()
  }

  /** Advances to the next due wait, `turns` times, letting the code under test come to rest in between. */
  async step(turns = 1): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      await this.idle()
      this.advance(Math.min(...this.waiting.map((entry) => entry.due)) - this.time)
    }
    await this.idle()
  }
}
