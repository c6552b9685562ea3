/**
 * Cuts a run of L2 blocks into one channel that fits a number of compressed bytes: as many blocks as fit, at least one.
 * Whether its frames then go into blobs or into calldata is another matter (data-form.ts).
 */
import type { Hex } from 'viem'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { batchOfBlock } from '../node/derivation/batch.ts'
import {
  type Compression,
  channelItem,
  compressChannel,
  randomChannelId,
  spanChannelItem,
} from '../node/derivation/channel.ts'
import { spanOfBlocks } from '../node/derivation/span-batch.ts'
import type { HashedBlock } from '../node/execution/block.ts'

export type BatchType = 'span' | 'singular'

export type BuiltChannel = {
  id: Hex
  /** First and last block in it. */
  from: bigint
  to: bigint
  toHash: Hex
  compressed: Uint8Array
  /** Bytes of batches before compression. */
  rawBytes: number
  /** Whether blocks were left over because the channel is full. */
  isFull: boolean
}

export type ChannelOptions = {
  /** Most compressed bytes; a single block's channel may be larger. */
  capacity: number
  compression: Compression
  batchType: BatchType
}

/** A channel of the first of these consecutive blocks (none of them block 0). */
export async function buildChannel(
  config: ChainConfig,
  blocks: HashedBlock[],
  { capacity, compression, batchType }: ChannelOptions,
): Promise<BuiltChannel> {
  const first = blocks[0]
  if (first === undefined) throw new RangeError('a channel needs at least one block')
  const itemsOf = (count: number): Uint8Array[] => {
    const taken = blocks.slice(0, count)
    if (batchType === 'span') return [spanChannelItem(spanOfBlocks(config, taken), BigInt(config.l2ChainId))]
    return taken.map((block) => channelItem(batchOfBlock(config, block)))
  }
  for (let count = blocks.length; ; ) {
    const items = itemsOf(count)
    const compressed = await compressChannel(items, compression)
    const last = blocks[count - 1]!
    if (compressed.length <= capacity || count === 1)
      return {
        id: randomChannelId(),
        from: first.block.header.number,
        to: last.block.header.number,
        toHash: last.hash,
        compressed,
        rawBytes: items.reduce((sum, item) => sum + item.length, 0),
        isFull: count < blocks.length,
      }
    const expected = Math.floor((count * capacity * 0.95) / compressed.length)
    count = Math.max(1, Math.min(expected, count - 1))
  }
}
