/**
 * Long calls in a thread of their own, on the state after one block, so that none holds up a block in the making. Sending a call
 * over costs ten times an ordinary one (docs/decisions): only what turns out to be long comes here.
 *
 * The thread reads the same database. Records say since when they hold, and history what they held before, so what the main
 * thread writes meanwhile is not seen; a reorg is noticed by the caller, which compares the block's hash afterwards.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { TemporaryError } from '../errors.ts'
import type { Header } from '../execution/block.ts'
import type { CallRequest, CallResult, StateOverrides } from '../execution/call.ts'

export type LongCall = { header: Header; request: CallRequest } & (
  | { kind: 'call'; overrides: StateOverrides | undefined }
  | { kind: 'estimate' }
)
export type LongAnswer = CallResult | { gas: bigint } | { failed: CallResult }
export type CallThreadData = { path: string; config: ChainConfig }
/** A call's failure is in its result; `error` is a defect, or state that is no longer kept. */
export type CallThreadMessage = { answer: LongAnswer } | { error: string }

export type CallThreadsOptions = {
  /** Calls that may wait; more are refused. Default 16. */
  most?: number
  /** Milliseconds after which a call is given up. Default 5,000, as geth's. */
  timeout?: number
}

/** Refused or given up: the message is for the caller. */
export class LongCallError extends TemporaryError {
  override name = 'LongCallError'
}

const MOST = 16
const TIMEOUT = 5_000

export class CallThreads {
  readonly #data: CallThreadData
  readonly #most: number
  readonly #timeout: number
  #thread: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** `path`: the database's directory, which must have been opened for several threads. The thread starts with the first call. */
  constructor(data: CallThreadData, { most = MOST, timeout = TIMEOUT }: CallThreadsOptions = {}) {
    this.#data = data
    this.#most = most
    this.#timeout = timeout
  }

  /** One after another. Throws {@link LongCallError}. */
  async run(call: LongCall): Promise<LongAnswer> {
    if (this.#waiting >= this.#most)
      throw new LongCallError(`${this.#most} long calls are waiting already: try again later`)
    this.#waiting++
    const before = this.#last
    const answered = before.then(() => this.#ask(call))
    this.#last = answered.then(
      () => {},
      () => {},
    )
    try {
      return await answered
    } finally {
      this.#waiting--
    }
  }

  async #ask(call: LongCall): Promise<LongAnswer> {
    const thread = await this.#started()
    const message = await this.#next(thread, call)
    if ('error' in message) throw new LongCallError(message.error)
    return message.answer
  }

  /** The thread's answer; where it dies or takes too long it is given up, and the next call has a new one. */
  #next(thread: Worker, call: LongCall): Promise<CallThreadMessage> {
    return new Promise((resolve) => {
      const answered = (message: CallThreadMessage) => {
        clearTimeout(timer)
        thread.off('message', answered).off('error', died)
        resolve(message)
      }
      const died = (error: unknown) => {
        this.#drop()
        answered({ error: error instanceof Error ? error.message : String(error) })
      }
      const timer = setTimeout(() => {
        died(new Error(`execution aborted (timeout = ${this.#timeout / 1000}s)`))
      }, this.#timeout)
      thread.on('message', answered).on('error', died)
      thread.postMessage(call)
    })
  }

  async #started(): Promise<Worker> {
    if (this.#thread !== undefined) return this.#thread
    const thread = new Worker(new URL('./call-thread.ts', import.meta.url), { workerData: this.#data })
    // Its first message says that it is ready; `once` rejects where it dies before.
    await once(thread, 'message')
    thread.unref()
    this.#thread = thread
    return thread
  }

  #drop(): void {
    void this.#thread?.terminate()
    this.#thread = undefined
  }

  /** Waits for calls under way, then ends the thread. */
  async close(): Promise<void> {
    this.#waiting = this.#most
    await this.#last
    await this.#thread?.terminate()
    this.#thread = undefined
  }
}
