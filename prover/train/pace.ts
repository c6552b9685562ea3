/** How fast a run goes, over its last steps: validations and checkpoints between them count too, as they take their time. */

/** Steps that are looked back on. */
const WINDOW = 32

export class Pace {
  readonly #clock: () => number
  /** When a step ended, and the tokens counted until then in this session. The first is the beginning. */
  readonly #marks: { at: number; tokens: number }[]

  /** `clock` in seconds; it need not tell the time of day. */
  constructor(clock: () => number) {
    this.#clock = clock
    this.#marks = [{ at: clock(), tokens: 0 }]
  }

  /** A step ended that counted so many tokens. */
  count(tokens: number): void {
    this.#marks.push({ at: this.#clock(), tokens: this.#marks.at(-1)!.tokens + tokens })
    if (this.#marks.length > WINDOW + 1) this.#marks.shift()
  }

  /** Tokens per second; 0 before the first step. */
  perSecond(): number {
    const { first, last } = this.#ends()
    return last.at > first.at ? (last.tokens - first.tokens) / (last.at - first.at) : 0
  }

  /** Seconds that `steps` more will take; Infinity before the first. */
  secondsFor(steps: number): number {
    const { first, last } = this.#ends()
    const counted = this.#marks.length - 1
    return counted > 0 ? (steps * (last.at - first.at)) / counted : Number.POSITIVE_INFINITY
  }

  #ends() {
    return { first: this.#marks[0]!, last: this.#marks.at(-1)! }
  }
}
