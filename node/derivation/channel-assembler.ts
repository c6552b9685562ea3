/**
 * Stage 4: puts frames together to whole channels; at most one channel is open, the staging channel
 * (specs.optimism.io, "Holocene: Channel Bank"; Granite's timeout of 50 L1 blocks is `channelTimeout`).
 */
import type { Hex } from 'viem'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { L1BlockRef } from '../l1/source.ts'
import { FRAME_MEMORY_OVERHEAD, MAX_RLP_BYTES_PER_CHANNEL } from './constants.ts'
import type { Frame } from './frame.ts'
import type { OnDropped, Stage } from './stage.ts'

type StagingChannel = { id: Hex; openedAt: bigint; parts: Uint8Array[]; size: number }

export class ChannelAssembler implements Stage<Uint8Array> {
  readonly #timeout: bigint
  readonly #previous: Stage<Frame>
  readonly #onDropped: OnDropped
  readonly #maxSize: number
  #staging: StagingChannel | undefined

  /** `maxSize`: bytes of a channel's compressed frames with their overhead. */
  constructor(
    { config, previous }: { config: ChainConfig; previous: Stage<Frame> },
    { onDropped, maxSize = MAX_RLP_BYTES_PER_CHANNEL }: { onDropped: OnDropped; maxSize?: number },
  ) {
    this.#timeout = BigInt(config.channelTimeout)
    this.#previous = previous
    this.#onDropped = onDropped
    this.#maxSize = maxSize
  }

  get origin(): L1BlockRef {
    return this.#previous.origin
  }

  /** Compressed bytes of the next whole channel. */
  async next(): Promise<Uint8Array | undefined> {
    this.#dropTimedOut()
    for (;;) {
      const frame = await this.#previous.next()
      if (frame === undefined) return undefined
      const channel = this.#add(frame)
      if (channel === undefined || !frame.isLast) continue
      this.#staging = undefined
      return Buffer.concat(channel.parts)
    }
  }

  /** The staging channel with the frame in it; undefined where frame or channel was dropped. */
  #add(frame: Frame): StagingChannel | undefined {
    if (frame.number === 0) {
      if (this.#staging !== undefined) this.#drop(`channel ${this.#staging.id} is replaced before its last frame`)
      this.#staging = { id: frame.channel, openedAt: this.origin.number, parts: [], size: 0 }
    }
    const staging = this.#staging
    if (staging === undefined || staging.id !== frame.channel || staging.parts.length !== frame.number) {
      this.#onDropped('channel-assembler', `frame ${frame.number} of channel ${frame.channel} is out of order`)
      return undefined
    }
    staging.parts.push(frame.data)
    staging.size += frame.data.length + FRAME_MEMORY_OVERHEAD
    if (staging.size <= this.#maxSize) return staging
    this.#drop(`channel ${staging.id} is larger than ${this.#maxSize} bytes`)
    return undefined
  }

  #dropTimedOut(): void {
    const staging = this.#staging
    if (staging !== undefined && staging.openedAt + this.#timeout < this.origin.number)
      this.#drop(`channel ${staging.id} of L1 block ${staging.openedAt} is timed out`)
  }

  #drop(reason: string): void {
    this.#onDropped('channel-assembler', reason)
    this.#staging = undefined
  }

  reset(): void {
    this.#staging = undefined
  }
}
