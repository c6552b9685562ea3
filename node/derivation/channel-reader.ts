/**
 * Stage 5: decompresses channels and reads their batches. What is malformed ends its channel
 * (specs.optimism.io, "Derivation", Channel Reader).
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { L1BlockRef } from '../l1/source.ts'
import { type Batch, decodeBatch } from './batch.ts'
import { decompressChannel, readBatches } from './channel.ts'
import { MAX_RLP_BYTES_PER_CHANNEL } from './constants.ts'
import { MalformedError } from './malformed.ts'
import type { OnDropped, Stage } from './stage.ts'

export class ChannelReader implements Stage<Batch> {
  readonly #chainId: bigint
  readonly #previous: Stage<Uint8Array>
  readonly #onDropped: OnDropped
  readonly #maxBytes: number
  #batches: Iterator<Uint8Array> | undefined

  /** `maxBytes`: decompressed bytes of a channel that are read. */
  constructor(
    { config, previous }: { config: ChainConfig; previous: Stage<Uint8Array> },
    { onDropped, maxBytes = MAX_RLP_BYTES_PER_CHANNEL }: { onDropped: OnDropped; maxBytes?: number },
  ) {
    this.#chainId = BigInt(config.l2ChainId)
    this.#previous = previous
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
      const batch = this.#read(batches)
      if (batch !== undefined) return batch
      this.#batches = undefined
    }
  }

  /** Batches of the next channel that decompresses. */
  async #open(): Promise<Iterator<Uint8Array> | undefined> {
    for (;;) {
      const channel = await this.#previous.next()
      if (channel === undefined) return undefined
      try {
        return readBatches(await decompressChannel(channel, this.#maxBytes))
      } catch (error) {
        this.#refuse(error)
      }
    }
  }

  /** The next batch; undefined where the channel has ended or goes on malformed. */
  #read(batches: Iterator<Uint8Array>): Batch | undefined {
    try {
      const item = batches.next()
      return item.done ? undefined : decodeBatch(item.value, this.#chainId)
    } catch (error) {
      this.#refuse(error)
      return undefined
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof MalformedError)) throw error
    this.#onDropped('channel-reader', error.message)
  }

  /** Leaves the rest of the current channel unread (Holocene: Fast Channel Invalidation). */
  dropChannel(): void {
    this.#batches = undefined
  }

  reset(): void {
    this.#batches = undefined
  }
}
