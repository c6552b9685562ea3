/** One writer at a time: work runs in the order in which it was asked for; a failure does not stop what follows. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work)
    this.last = turn.then(
      () => undefined,
      () => undefined,
    )
    return turn
  }

  /** Resolves when all work asked for so far has ended. */
  async idle(): Promise<void> {
    await this.last
  }
}
