/**
 * Keeps one worker process at work: starts it, has it pass the known-answer test, loads the artifacts
 * that it must know, hands it jobs one at a time, and starts it anew when it dies.
 *
 * Jobs are pure, so a job that a dying worker held is given to the next one; a job that has taken
 * {@link ATTEMPTS} workers with it fails. The queue is bounded: when it is full `answer` and `score` throw
 * {@link WorkerBusyError} at once and nothing is kept. A crash of the prover itself loses the queue:
 * the gateway's journal says what must be asked again.
 *
 * Tuning takes minutes and belongs into a supervisor of its own, so that answers go on. Its time counts from its last sign of
 * life; what a dying worker had done lies on disk, and the next one goes on from there.
 *
 * A GPU's driver can take its process with it. A worker with a free choice of device (`auto`) that does not come up, or dies
 * over a job while it is on a GPU, is followed by workers on the CPU until the prover starts again.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Hex } from 'viem'
import type { TuneEvent } from '../tune/tuning.ts'
import { checkKnownAnswers } from './known-answers.ts'
import {
  type Job,
  type JobKind,
  type JobResult,
  parseMessage,
  responseSchema,
  resultSchemas,
  WORKER_PROTOCOL,
} from './messages.ts'
import type { DeviceChoice, WorkerDevice } from './worker-device.ts'
import { JobInputError, WorkerBusyError, WorkerDeviceError, WorkerFailedError } from './worker-errors.ts'

export { JobInputError, WorkerBusyError, WorkerDeviceError, WorkerFailedError } from './worker-errors.ts'

/** Workers that one job may cost. Tuning goes on where it was, and runs long enough to meet more than one accident. */
const ATTEMPTS = 2
const TUNE_ATTEMPTS = 5

export type WorkerOptions = {
  /** What scores are computed on; `auto` where absent. */
  device?: DeviceChoice
  /** Threads of the f32 kernel; 1 where absent. */
  threads?: number
  /** Jobs that wait besides the one in hand. */
  maxQueue?: number
  /** Milliseconds within which a worker must be up, and a job done or tell of progress. */
  startTimeout?: number
  jobTimeout?: number
  /** Milliseconds before the first restart; doubles with each failure in a row up to `maxBackOff`. */
  backOff?: number
  maxBackOff?: number
  /** Milliseconds between a request to leave and SIGKILL. */
  stopGrace?: number
  /** Module that the worker process runs; our worker where absent. */
  entry?: string
}

const DEFAULTS: Required<WorkerOptions> = {
  device: 'auto',
  threads: 1,
  maxQueue: 64,
  startTimeout: 30_000,
  jobTimeout: 120_000,
  backOff: 200,
  maxBackOff: 10_000,
  stopGrace: 2_000,
  entry: fileURLToPath(new URL('./worker.ts', import.meta.url)),
}

/**
 * What WorkerSupervisor tells: `ready` with the pid, `exited` and `failed` (a restart) with why, `restarting` with milliseconds,
 * `device` when it is another one, or something must be known about it.
 */
export type WorkerEvents = {
  ready: [number]
  exited: [string]
  failed: [string]
  restarting: [number]
  device: [WorkerDevice]
}

type Pending = {
  kind: JobKind
  job: object
  /** Workers that have had it, and how many may. */
  attempts: number
  most: number
  progress?: (event: TuneEvent) => void
  resolve: (result: unknown) => void
  reject: (error: Error) => void
}

/** What the gateway asks of workers. */
export interface AnswerWorkers {
  load(job: Job<'load'>): Promise<JobResult<'load'>>
  answer(job: Job<'answer'>): Promise<JobResult<'answer'>>
  score(job: Job<'score'>): Promise<JobResult<'score'>>
}

export class WorkerSupervisor implements AnswerWorkers {
  readonly events = new EventEmitter<WorkerEvents>()
  readonly #options: Required<WorkerOptions>
  /** Artifacts that every new worker loads before it is used. */
  readonly #artifacts = new Map<Hex, Job<'load'>>()
  readonly #queue: Pending[] = []
  #child: ChildProcess | undefined
  /** Ready for jobs: has passed the test and loaded everything. */
  #ready = false
  #inHand: { id: number; pending: Pending; timer: NodeJS.Timeout } | undefined
  #nextId = 0
  #failures = 0
  /** What the next worker is told to use, and why that is not what was asked for. */
  #choice: DeviceChoice
  #givenUp: string | undefined
  #device: WorkerDevice | undefined
  #restart: NodeJS.Timeout | undefined
  #stopped = true

  constructor(options: WorkerOptions = {}) {
    this.#options = { ...DEFAULTS, ...options }
    this.#choice = this.#options.device
  }

  /** Process id of the worker in use. */
  get pid(): number | undefined {
    return this.#ready ? this.#child?.pid : undefined
  }

  /** What the worker computes scores on, or what its predecessor did; undefined before the first is up. */
  get device(): WorkerDevice | undefined {
    return this.#device
  }

  /** Jobs that wait or are in hand. */
  get backlog(): number {
    return this.#queue.length + (this.#inHand ? 1 : 0)
  }

  /**
   * Starts a worker; resolves when it has passed its test. Throws {@link WorkerFailedError} where it does not,
   * {@link WorkerDeviceError} where it cannot have its device.
   */
  async start(): Promise<void> {
    this.#stopped = false
    const choice = this.#choice
    try {
      await this.#launch().catch(async (error) => {
        // Once more where the device was to blame, perhaps.
        if (this.#choice === choice) throw error
        clearTimeout(this.#restart)
        await this.#launch()
      })
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Lets the worker leave, and ends it by its pid where it does not. Jobs that wait fail. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#restart)
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      if (child.connected) child.send({ v: WORKER_PROTOCOL, type: 'bye' })
      const timer = setTimeout(() => child.kill('SIGKILL'), this.#options.stopGrace)
      await gone
      clearTimeout(timer)
    }
    this.#failAll(new WorkerFailedError('the worker was stopped'))
  }

  async load(job: Job<'load'>): Promise<JobResult<'load'>> {
    const result = await this.#enqueue('load', job)
    this.#artifacts.set(job.artifact, job)
    return result
  }

  answer(job: Job<'answer'>): Promise<JobResult<'answer'>> {
    return this.#enqueue('answer', job)
  }

  score(job: Job<'score'>): Promise<JobResult<'score'>> {
    return this.#enqueue('score', job)
  }

  /**
   * Tunes, or goes on with what an earlier call with the same directories has begun. Rejects with the signal's reason once it is
   * aborted, and throws {@link WorkerFailedError} as every job.
   */
  async tune(
    job: Job<'tune'>,
    { signal, progress }: { signal?: AbortSignal; progress?: (event: TuneEvent) => void } = {},
  ): Promise<JobResult<'tune'>> {
    signal?.throwIfAborted()
    const pending = this.#pending('tune', job, { most: TUNE_ATTEMPTS, ...(progress && { progress }) })
    const cancel = () => this.#cancel(pending.entry, signal?.reason)
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return this.#parseResult('tune', await pending.result)
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  async #enqueue<kind extends JobKind>(kind: kind, job: Job<kind>): Promise<JobResult<kind>> {
    return this.#parseResult(kind, await this.#pending(kind, job, { most: ATTEMPTS }).result)
  }

  /** Puts a job into the queue. */
  #pending(kind: JobKind, job: object, options: Pick<Pending, 'most' | 'progress'>) {
    if (this.#stopped) throw new WorkerFailedError('the worker is not started')
    if (this.#queue.length >= this.#options.maxQueue) {
      throw new WorkerBusyError(`${this.#queue.length} jobs wait already, try again later`)
    }
    const { promise: result, resolve, reject } = Promise.withResolvers<unknown>()
    const entry: Pending = { kind, job, attempts: 0, ...options, resolve, reject }
    this.#queue.push(entry)
    this.#next()
    return { entry, result }
  }

  /** A job that waits is forgotten; the one in hand ends when the worker has heard of it, and counts as failed at once. */
  #cancel(entry: Pending, reason: unknown): void {
    const at = this.#queue.indexOf(entry)
    if (at >= 0) this.#queue.splice(at, 1)
    else if (this.#inHand?.pending === entry) {
      // Not given to another worker if this one dies now.
      entry.attempts = entry.most
      this.#child?.send({ v: WORKER_PROTOCOL, type: 'cancel', id: this.#inHand.id }, () => undefined)
    }
    entry.reject(reason instanceof Error ? reason : new WorkerFailedError('the job was cancelled'))
  }

  #parseResult<kind extends JobKind>(kind: kind, result: unknown): JobResult<kind> {
    return parseMessage(resultSchemas[kind], result)
  }

  /** Hands the worker its next job, if it is free. */
  #next(): void {
    if (!this.#ready || this.#inHand) return
    const pending = this.#queue.shift()
    if (pending) this.#give(pending)
  }

  #give(pending: Pending): void {
    const child = this.#child
    if (!child) throw new Error('a job was given to no worker')
    pending.attempts++
    const id = this.#nextId++
    this.#inHand = { id, pending, timer: this.#jobTimer(child) }
    // A send that fails means that the worker has just died: its exit gives the job back.
    child.send({ ...pending.job, v: WORKER_PROTOCOL, id, type: pending.kind }, () => undefined)
  }

  #jobTimer(child: ChildProcess): NodeJS.Timeout {
    return setTimeout(() => child.kill('SIGKILL'), this.#options.jobTimeout)
  }

  /** Starts a process and brings it to where it may be used. */
  async #launch(): Promise<void> {
    const child = fork(this.#options.entry, [this.#choice, String(this.#options.threads)], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    child.once('exit', (code, signal) => this.#exited(child, signal ?? `code ${code}`))
    child.once('error', (error) => this.#exited(child, error.message))
    await this.#hello(child).catch((error: Error) => {
      if (error instanceof WorkerFailedError && !(error instanceof WorkerDeviceError)) this.#giveUpGpu(error.message)
      throw error
    })
    const wrong = checkKnownAnswers(this.#parseResult('prove', await this.#ask('prove', {})))
    if (wrong) throw new WorkerFailedError(`the worker failed its known-answer test: ${wrong}`)
    for (const job of this.#artifacts.values()) await this.#ask('load', job)
    this.#failures = 0
    this.#ready = true
    this.events.emit('ready', child.pid ?? 0)
    this.#next()
  }

  /** A job outside the queue, while the worker is not ready yet. */
  #ask(kind: JobKind, job: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.#child) return reject(new WorkerFailedError('the worker left while it was starting'))
      // Its last attempt: a worker that dies over its own start is not given the same again by the queue.
      this.#give({ kind, job, attempts: 0, most: 1, resolve, reject })
    })
  }

  #hello(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        child.kill('SIGKILL')
        reject(new WorkerFailedError(`the worker was not up within ${this.#options.startTimeout} ms`))
      }, this.#options.startTimeout)
      child.once('exit', (code, signal) => {
        clearTimeout(late)
        reject(new WorkerFailedError(`the worker left while it was starting: ${signal ?? `code ${code}`}`))
      })
      child.on('message', (message) => {
        try {
          this.#heard(message, () => {
            clearTimeout(late)
            resolve()
          })
        } catch (error) {
          // A worker that speaks another protocol, or nonsense, is not to be trusted with anything.
          clearTimeout(late)
          child.kill('SIGKILL')
          reject(error)
        }
      })
    })
  }

  #heard(message: unknown, up: () => void): void {
    const response = parseMessage(responseSchema, message)
    if (response.type === 'refused') throw new WorkerDeviceError(response.reason)
    if (response.type === 'hello' || response.type === 'device') {
      this.#setDevice(response.device)
      if (response.type === 'hello') up()
      return
    }
    const held = this.#inHand
    if (!held || held.id !== response.id) return
    clearTimeout(held.timer)
    if (response.type === 'progress') {
      if (this.#child) held.timer = this.#jobTimer(this.#child)
      held.pending.progress?.(response.event)
      return
    }
    this.#inHand = undefined
    if (response.type === 'done') held.pending.resolve(response.result)
    else if (response.field) held.pending.reject(new JobInputError(response.field, response.message))
    else held.pending.reject(new WorkerFailedError(response.message))
    this.#next()
  }

  #setDevice(device: WorkerDevice): void {
    this.#device = this.#givenUp && device.kind === 'cpu' ? { ...device, notice: this.#givenUp } : device
    this.events.emit('device', this.#device)
  }

  /** A worker that was free to use a GPU is lost: the next ones do not try. */
  #giveUpGpu(reason: string): void {
    if (this.#stopped || this.#choice !== 'auto') return
    this.#choice = 'cpu'
    this.#givenUp = `no GPU is tried any more: ${reason}`
  }

  #exited(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return
    this.#child = undefined
    this.#ready = false
    this.events.emit('exited', reason)
    const held = this.#inHand
    if (held) {
      if (this.#device?.kind === 'gpu') this.#giveUpGpu(`a worker died over a job: ${reason}`)
      clearTimeout(held.timer)
      this.#inHand = undefined
      if (held.pending.attempts < held.pending.most) this.#queue.unshift(held.pending)
      else
        held.pending.reject(
          new WorkerFailedError(`the worker died ${held.pending.attempts} times over a job: ${reason}`),
        )
    }
    if (!this.#stopped) this.#scheduleRestart()
  }

  #scheduleRestart(): void {
    const wait = Math.min(this.#options.backOff * 2 ** this.#failures, this.#options.maxBackOff)
    this.#failures++
    this.events.emit('restarting', wait)
    this.#restart = setTimeout(() => {
      this.#launch().catch((error: Error) => this.#launchFailed(error))
    }, wait)
  }

  /** A restart did not succeed: the process, if it is still there, ends, and its exit schedules the next try. */
  #launchFailed(error: Error): void {
    this.events.emit('failed', error.message)
    this.#child?.kill('SIGKILL')
  }

  #failAll(error: Error): void {
    if (this.#inHand) {
      clearTimeout(this.#inHand.timer)
      this.#inHand.pending.reject(error)
      this.#inHand = undefined
    }
    for (const pending of this.#queue.splice(0)) pending.reject(error)
  }
}
