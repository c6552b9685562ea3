/**
 * Cuts a run of L2 blocks into one channel that fits a number of blobs: as many blocks as fit, at least one.
 */
import type { Hex } from 'viem'
import type { ChainConfig } from '../genesis/chain-config.ts'
import { batchOfBlock } from '../node/derivation/batch.ts'
import { encodeBlob, MAX_BLOB_DATA } from '../node/derivation/blob.ts'
import {
  type Compression,
  channelFrames,
  channelItem,
  compressChannel,
  randomChannelId,
} from '../node/derivation/channel.ts'
import { encodeFrames } from '../node/derivation/frame.ts'
import type { HashedBlock } from '../node/execution/block.ts'

/** A channel ready to be sent: each blob carries one frame. */
export type BuiltChannel = {
  id: Hex
  /** First and last block in it. */
  from: bigint
  to: bigint
  toHash: Hex
  compressedBytes: number
  blobs: Uint8Array[]
  /** Whether blocks were left over because the channel is full. */
  isFull: boolean
}

/** The version byte of the payload goes before the blob's one frame. */
const MAX_FRAME_BYTES = MAX_BLOB_DATA - 1
/** Data of a blob's frame: what is left after version byte and frame overhead. */
const FRAME_DATA = MAX_FRAME_BYTES - 23

/** A channel of the first of these consecutive blocks (none of them block 0), aiming at `maxBlobs` blobs. */
export async function buildChannel(
  config: ChainConfig,
  blocks: HashedBlock[],
  { maxBlobs, compression }: { maxBlobs: number; compression: Compression },
): Promise<BuiltChannel> {
  const items = blocks.map((block) => channelItem(batchOfBlock(config, block)))
  const { count, compressed } = await longestFit(items, maxBlobs * FRAME_DATA, compression)
  const first = blocks[0]
  const last = blocks[count - 1]
  if (first === undefined || last === undefined) throw new RangeError('a channel needs at least one block')
  const id = randomChannelId()
  const frames = channelFrames(id, compressed, MAX_FRAME_BYTES)
  return {
    id,
    from: first.block.header.number,
    to: last.block.header.number,
    toHash: last.hash,
    compressedBytes: compressed.length,
    blobs: frames.map((frame) => encodeBlob(encodeFrames([frame]))),
    isFull: count < blocks.length,
  }
}

/** The longest prefix found whose compressed size is within capacity; one item stays however large it is. */
async function longestFit(items: Uint8Array[], capacity: number, compression: Compression) {
  let count = items.length
  for (;;) {
    const compressed = await compressChannel(items.slice(0, count), compression)
    if (compressed.length <= capacity || count <= 1) return { count, compressed }
    const expected = Math.floor((count * capacity * 0.95) / compressed.length)
    count = Math.max(1, Math.min(expected, count - 1))
  }
}
