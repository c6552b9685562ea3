/**
 * Time as a parameter: whatever sleeps or asks for the time of day takes a clock, so that a test moves
 * time by hand (testing/manual-clock.ts) and never sleeps. Consensus code has no clock at all.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `milliseconds`, or at once when the signal aborts (the caller looks at the signal). */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** The machine's clock. A wait leaves neither timer nor listener behind. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const finish = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, Math.max(0, milliseconds))
      signal.addEventListener('abort', finish, { once: true })
    }),
}
