/**
 * A process of the network: started with an IPC channel, ready when it says so, stopped by its
 * process id. A child whose parent dies (kill -9) loses the channel and stops by itself.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { z } from 'zod'
import { endLeftover, removePid, writePid } from './pid-file.ts'

/** What a child sends once it serves; `details` is its own business (URLs, addresses). */
const readyMessage = z.object({ type: z.literal('ready'), details: z.record(z.string(), z.unknown()) })

/** How long a child may take to stop before it is killed, in milliseconds. */
const STOP_TIMEOUT = 15_000
/** How much of a child's last output is shown when it dies, in characters. */
const TAIL_LENGTH = 2_000

export class ChildProcessError extends Error {
  override name = 'ChildProcessError'
}

export type ChildProcessOptions = {
  /** Shown in messages. */
  name: string
  /** Program and arguments. */
  command: readonly string[]
  /** Output goes here, appended. */
  logPath: string
  /** Holds the process id while the child runs. A leftover of an earlier start named here is ended first. */
  pidPath: string
  /** Part of the child's command line that tells it from other processes. */
  commandMark: string
}

export class ManagedProcess {
  readonly name: string
  /** What the child said when it became ready. */
  readonly details: Record<string, unknown>
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  #child: ChildProcess
  #stopping = false
  #tail: () => string

  private constructor(
    name: string,
    details: Record<string, unknown>,
    child: ChildProcess,
    exited: ManagedProcess['exited'],
    tail: () => string,
  ) {
    this.name = name
    this.details = details
    this.exited = exited
    this.#child = child
    this.#tail = tail
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** The last lines that the child wrote. */
  get outputTail(): string {
    return this.#tail()
  }

  /** Resolves when the child is ready. Throws {@link ChildProcessError} with its last output when it ends first. */
  static async start({ name, command, logPath, pidPath, commandMark }: ChildProcessOptions): Promise<ManagedProcess> {
    await endLeftover(pidPath, commandMark)
    const [program, ...args] = command
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    if (child.pid !== undefined) writePid(pidPath, child.pid)
    child.once('close', () => removePid(pidPath))
    const tail = keepOutput(child, createWriteStream(logPath, { flags: 'a' }))
    const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal })),
    )
    const failed = new Promise<never>((_, reject) =>
      child.once('error', (error) => reject(new ChildProcessError(`${name} could not be started: ${error.message}`))),
    )
    const ended = exited.then(({ code, signal }): never => {
      throw new ChildProcessError(
        `${name} ended before it was ready (${signal ?? `exit code ${code}`}): ${tail().trim() || 'no output'}`,
      )
    })
    const details = await Promise.race([readyOf(child), failed, ended])
    return new ManagedProcess(name, details, child, exited, tail)
  }

  /** Calls the listener when the child ends without having been asked to. */
  onUnexpectedExit(listener: (reason: string) => void): void {
    void this.exited.then(({ code, signal }) => {
      if (!this.#stopping)
        listener(`${this.name} ended (${signal ?? `exit code ${code}`}): ${this.#tail().trim() || 'no output'}`)
    })
  }

  /** Asks the child to stop and waits for its end. Throws {@link ChildProcessError} where it had to be killed. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#child.kill('SIGTERM')
    let killed = false
    const timer = setTimeout(() => {
      killed = this.#child.kill('SIGKILL')
    }, STOP_TIMEOUT)
    await this.exited
    clearTimeout(timer)
    if (killed) throw new ChildProcessError(`${this.name} did not stop within ${STOP_TIMEOUT / 1000} s and was killed`)
  }
}

function readyOf(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      const parsed = readyMessage.safeParse(message)
      if (parsed.success) resolve(parsed.data.details)
    })
  })
}

function keepOutput(child: ChildProcess, log: WriteStream): () => string {
  let tail = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => {
      log.write(text)
      tail = (tail + text).slice(-TAIL_LENGTH)
    })
  }
  child.once('close', () => log.end())
  return () => tail
}
