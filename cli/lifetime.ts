/** The life of a long-running command: how it says that it is ready, and when it must stop. */

/** Tells the parent process (devnet/child-process.ts), or else the person, that the command serves. */
export function announceReady(name: string, details: Record<string, unknown>): void {
  if (process.send) process.send({ type: 'ready', details })
  else
    console.log(
      `${name} is ready: ${Object.entries(details)
        .map(([key, value]) => `${key} ${String(value)}`)
        .join(', ')}`,
    )
}

/** Aborted by Ctrl-C, TERM, or the loss of the parent that started us with an IPC channel. */
export function stopSignal(): AbortSignal {
  return lifetime().signal
}

/** The same signal with a second way to its end: `fail` logs, aborts, and makes the exit code 1. */
export function lifetime(): { signal: AbortSignal; fail: (name: string, what: string, error: Error) => void } {
  const controller = new AbortController()
  const stop = () => controller.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  if (process.send) process.once('disconnect', stop)
  const fail = (name: string, what: string, error: Error) => {
    log(name, `${what}: ${error.stack ?? error.message}`)
    process.exitCode = 1
    stop()
  }
  return { signal: controller.signal, fail }
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** One log line: time, who, what. Standard error, so that standard output stays the command's own. */
export function log(name: string, message: string): void {
  console.error(`${new Date().toISOString()} ${name}: ${message}`)
}

/** Runs the steps in reverse order of their registration, each whatever the others did; reports failures. */
export class Teardown {
  #steps: { name: string; run: () => Promise<unknown> | unknown }[] = []

  add(name: string, run: () => Promise<unknown> | unknown): void {
    this.#steps.push({ name, run })
  }

  /** To be run after everything that is registered so far and later. */
  addFirst(name: string, run: () => Promise<unknown> | unknown): void {
    this.#steps.unshift({ name, run })
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0
  }

  async run(): Promise<void> {
    for (const { name, run } of this.#steps.toReversed()) {
      try {
        await run()
      } catch (error) {
        log('stop', `${name}: ${error instanceof Error ? error.message : String(error)}`)
        process.exitCode = 1
      }
    }
    this.#steps = []
  }
}
