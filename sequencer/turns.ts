/**
 * The life that batcher, proposer and challenger share: one turn after another until it is stopped, with a pause where a
 * turn found nothing to do. What stands in the way is said once and tried again; what no retry mends ends it.
 */
import type { Clock } from '../node/chain/clock.ts'
import { NodeError } from '../node/errors.ts'

export type TurnEvent =
  /** Nothing goes on for this reason, which is said when it changes. */
  | { kind: 'waiting'; reason: string }
  /** It has stopped by itself. */
  | { kind: 'failed'; error: Error }

/** `again`: the next turn follows at once. */
export type TurnOutcome = 'again' | 'idle' | { blockedBy: string }

export type TurnsModules = {
  clock: Clock
  /** May throw; the signal is aborted when all is to end. */
  turn: (signal: AbortSignal) => Promise<TurnOutcome>
  /** Before the first turn after each start. */
  begin?: () => void
}

export type TurnsOptions = {
  /** Milliseconds between two turns. */
  pause: number
  /** The same after an error; `pause` where absent. */
  pauseAfterError?: number
}

export class Turns<Event> {
  readonly #modules: TurnsModules
  readonly #options: TurnsOptions
  readonly #listeners = new Set<(event: Event | TurnEvent) => void>()
  #reason: string | undefined
  #running: { stop: AbortController; done: Promise<void> } | undefined

  constructor(modules: TurnsModules, options: TurnsOptions) {
    this.#modules = modules
    this.#options = options
  }

  start(): void {
    if (this.#running !== undefined) return
    const stop = new AbortController()
    this.#running = { stop, done: this.#run(stop.signal) }
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#running?.stop.abort()
    await this.#running?.done
    this.#running = undefined
  }

  /** Listeners are called synchronously and must not throw; returns the unsubscribe function. */
  onEvent(listener: (event: Event | TurnEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(event: Event | TurnEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }

  /** What stood in the way does no more: if it comes back, it is said again. */
  unblocked(): void {
    this.#reason = undefined
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, turn, begin } = this.#modules
    const { pause, pauseAfterError = pause } = this.#options
    begin?.()
    while (!signal.aborted) {
      try {
        const outcome = await turn(signal)
        if (outcome === 'again') continue
        if (outcome !== 'idle') this.#wait(outcome.blockedBy)
        await clock.wait(pause, signal)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof NodeError) || error.severity === 'critical')
          return this.emit({ kind: 'failed', error: error as Error })
        this.#wait(error.message)
        await clock.wait(pauseAfterError, signal)
      }
    }
  }

  #wait(reason: string): void {
    if (this.#reason === reason) return
    this.#reason = reason
    this.emit({ kind: 'waiting', reason })
  }
}
