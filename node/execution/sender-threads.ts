/**
 * Recovers senders in threads of their own, ahead of the block that needs them: a recovery takes about as long as executing a
 * transfer. Envelopes go over joined, 20 bytes for each come back; an envelope that cannot be read gets none, and whoever
 * decodes it says why.
 */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { bytesToAddress, concatBytes } from './bytes.ts'
import { knownSender, rememberSender } from './known-senders.ts'
import { DEPOSIT_TYPE } from './transaction.ts'

export type SenderRequest = { id: number; chainId: bigint; lengths: Uint32Array; envelopes: Uint8Array }
/** An address for each envelope; 20 zeros where there is none. */
export type SenderAnswer = { id: number; senders: Uint8Array }

export const ADDRESS_BYTES = 20
/** Fewer are recovered sooner than they are sent. */
const WORTH_SENDING = 8

type Waiting = { raws: Uint8Array[]; resolve: () => void; reject: (error: Error) => void }

export class SenderThreads {
  readonly #chainId: bigint
  readonly #threads: Worker[]
  readonly #waiting = new Map<number, Waiting>()
  #next = 0
  #failure: Error | undefined

  constructor({ chainId, threads = Math.max(1, availableParallelism() - 1) }: { chainId: bigint; threads?: number }) {
    this.#chainId = chainId
    this.#threads = Array.from({ length: threads }, () => this.#start())
  }

  #start(): Worker {
    const thread = new Worker(new URL('./sender-thread.ts', import.meta.url))
    // A node that has nothing else to do may end.
    thread.unref()
    thread.on('message', (answer: SenderAnswer) => this.#answered(answer))
    thread.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    return thread
  }

  /** Resolves once the senders are known. Rejects where a thread has died. */
  async recover(transactions: readonly Uint8Array[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const raws = transactions.filter((raw) => raw[0] !== DEPOSIT_TYPE && knownSender(raw) === undefined)
    if (raws.length < WORTH_SENDING) return
    const share = Math.ceil(raws.length / this.#threads.length)
    const parts = this.#threads.map((thread, index) =>
      this.#ask(thread, raws.slice(index * share, (index + 1) * share)),
    )
    await Promise.all(parts)
  }

  #ask(thread: Worker, raws: Uint8Array[]): Promise<void> {
    const id = this.#next++
    const envelopes = concatBytes(...raws)
    const lengths = Uint32Array.from(raws, (raw) => raw.length)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { raws, resolve, reject })
      for (const each of this.#threads) each.ref()
      const request: SenderRequest = { id, chainId: this.#chainId, lengths, envelopes }
      thread.postMessage(request, [envelopes.buffer as ArrayBuffer, lengths.buffer as ArrayBuffer])
    })
  }

  #answered({ id, senders }: SenderAnswer): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    for (const [index, raw] of waiting.raws.entries()) {
      const sender = senders.subarray(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES)
      if (sender.some((byte) => byte !== 0)) rememberSender(raw, bytesToAddress(sender))
    }
    if (this.#waiting.size === 0) for (const thread of this.#threads) thread.unref()
    waiting.resolve()
  }

  #fail(error: Error): void {
    this.#failure = error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  async close(): Promise<void> {
    this.#fail(new Error('the threads that recover senders are closed'))
    await Promise.all(
      this.#threads.map(async (thread) => {
        const exited = once(thread, 'exit')
        await thread.terminate()
        await exited
      }),
    )
  }
}
