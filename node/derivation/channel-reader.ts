/**
 * Stage 5: decompresses channels and reads their batches. What is malformed ends its channel
 * (specs.optimism.io, "Derivation", Channel Reader).
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { L1BlockRef } from '../l1/source.ts'
import { type Batch, decodeBatch, isSpanBatch } from './batch.ts'
import { decompressChannel, readBatches } from './channel.ts'
import { MAX_RLP_BYTES_PER_CHANNEL } from './constants.ts'
import { MalformedError } from './malformed.ts'
import { RecoveredAhead, type RecoverSenders } from './recovered-ahead.ts'
import type { OnDropped, Stage } from './stage.ts'

type Modules = { config: ChainConfig; previous: Stage<Uint8Array>; recoverSenders?: RecoverSenders | undefined }

export class ChannelReader implements Stage<Batch> {
  readonly #chainId: bigint
  readonly #previous: Stage<Uint8Array>
  readonly #onDropped: OnDropped
  readonly #maxBytes: number
  readonly #recover: RecoverSenders | undefined
  #batches: RecoveredAhead<Batch> | undefined
  /** Batches of this time and before speak of the past; their senders matter to nobody. */
  #past = 0n

  /** `maxBytes`: decompressed bytes of a channel that are read. */
  constructor(
    { config, previous, recoverSenders }: Modules,
    { onDropped, maxBytes = MAX_RLP_BYTES_PER_CHANNEL }: { onDropped: OnDropped; maxBytes?: number },
  ) {
    this.#chainId = BigInt(config.l2ChainId)
    this.#previous = previous
    this.#recover = recoverSenders
    this.#onDropped = onDropped
    this.#maxBytes = maxBytes
  }

  get origin(): L1BlockRef {
    return this.#previous.origin
  }

  async next(): Promise<Batch | undefined> {
    for (;;) {
      const batches = this.#batches ?? (await this.#open())
      if (batches === undefined) return undefined
      this.#batches = batches
      const batch = await this.#read(batches)
      if (batch !== undefined) return batch
      this.#batches = undefined
    }
  }

  /** Batches of the next channel that decompresses. */
  async #open(): Promise<RecoveredAhead<Batch> | undefined> {
    for (;;) {
      const channel = await this.#previous.next()
      if (channel === undefined) return undefined
      try {
        const bytes = await decompressChannel(channel, this.#maxBytes)
        return new RecoveredAhead(decodedBatches(bytes, this.#chainId), (batch) => this.#held(batch), this.#recover)
      } catch (error) {
        this.#refuse(error)
      }
    }
  }

  /** The next batch; undefined where the channel has ended or goes on malformed. */
  async #read(batches: RecoveredAhead<Batch>): Promise<Batch | undefined> {
    try {
      return await batches.next()
    } catch (error) {
      this.#refuse(error)
      return undefined
    }
  }

  /** A span's transactions are made block by block, and recovered then; one that is read ahead is enough to hold. */
  #held(batch: Batch) {
    if (isSpanBatch(batch)) return { transactions: [], isLast: true }
    return { transactions: batch.timestamp > this.#past ? batch.transactions : [] }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof MalformedError)) throw error
    this.#onDropped('channel-reader', error.message)
  }

  /** Says that the safe head has this time. */
  notePast(timestamp: bigint): void {
    this.#past = timestamp
  }

  /** Leaves the rest of the current channel unread (Holocene: Fast Channel Invalidation). */
  dropChannel(): void {
    this.#batches = undefined
  }

  reset(): void {
    this.#batches = undefined
    this.#past = 0n
  }
}

function* decodedBatches(bytes: Uint8Array, chainId: bigint): Generator<Batch, void> {
  for (const item of readBatches(bytes)) yield decodeBatch(item, chainId)
}
