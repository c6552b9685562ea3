/** Something that is done again and again, one round after another, never two at once; a round that fails is followed by the next. */

export class Rounds {
  readonly #round: () => Promise<void>
  readonly #onFailure: (error: Error) => void
  readonly #interval: number
  #timer: NodeJS.Timeout | undefined
  #last: Promise<void> = Promise.resolve()
  #stopped = true

  /** `interval`: milliseconds between two rounds. */
  constructor(
    modules: { round: () => Promise<void>; onFailure: (error: Error) => void },
    options: { interval: number },
  ) {
    this.#round = modules.round
    this.#onFailure = modules.onFailure
    this.#interval = options.interval
  }

  start(): void {
    this.#stopped = false
    this.#schedule()
  }

  /** After the round under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#last
  }

  /** A round now, after the one under way. Rejects as the round does. */
  now(): Promise<void> {
    const round = this.#last.then(this.#round)
    this.#last = round.catch(() => undefined)
    return round
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.now()
        .catch(this.#onFailure)
        .finally(() => this.#schedule())
    }, this.#interval)
  }
}
