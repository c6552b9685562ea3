/**
 * Channels: many batches compressed together (specs.optimism.io, "Derivation", Channel Format; Fjord, Brotli Channel
 * Compression).
 *
 *   channel = zlib(batches)  |  0x01 ‖ brotli(batches)          batches = rlp(batch) ‖ rlp(batch) …
 *
 * The low four bits of the first byte tell zlib (8 or 15) from a version byte.
 */
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import {
  type BrotliOptions,
  brotliCompress,
  constants,
  createBrotliDecompress,
  createInflate,
  deflate,
  type ZlibOptions,
} from 'node:zlib'
import type { Hex } from 'viem'
import { bytesToHex } from '../execution/bytes.ts'
import { encodeRlp } from '../execution/rlp.ts'
import { encodeBatch, type SingularBatch } from './batch.ts'
import { CHANNEL_VERSION_BROTLI, FRAME_OVERHEAD, MAX_FRAME_LEN, MAX_RLP_BYTES_PER_CHANNEL } from './constants.ts'
import type { Frame } from './frame.ts'
import { MalformedError } from './malformed.ts'

export type Compression = 'zlib' | 'brotli'

const deflateAsync: (bytes: Uint8Array, options: ZlibOptions) => Promise<Buffer> = promisify(deflate)
const brotliAsync: (bytes: Uint8Array, options: BrotliOptions) => Promise<Buffer> = promisify(brotliCompress)
/** What op-batcher takes for its smallest size at a bearable time. */
const BROTLI_QUALITY = 10

/** A channel holds no more than 65,536 frames: their number is a u16. */
const MAX_FRAMES = 65_536

/**
 * Batches' bytes of a complete channel, at most `limit` of them: what lies beyond is as if it were not there.
 * Throws {@link MalformedError} where the channel is not whole (unknown version, corrupt or cut-off stream): the channel
 * is then dropped whole, so that no node depends on how far its decompressor came.
 */
export async function decompressChannel(data: Uint8Array, limit = MAX_RLP_BYTES_PER_CHANNEL): Promise<Uint8Array> {
  const first = data[0]
  if (first === undefined) throw new MalformedError('channel is empty')
  const isZlib = (first & 0x0f) === 8 || (first & 0x0f) === 15
  if (!isZlib && first !== CHANNEL_VERSION_BROTLI) throw new MalformedError(`channel has version ${first}`)
  const stream = isZlib ? createInflate() : createBrotliDecompress()
  stream.end(isZlib ? data : data.subarray(1))
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= limit) break
    }
  } catch (error) {
    throw new MalformedError(`channel does not decompress: ${(error as Error).message}`)
  }
  return Buffer.concat(chunks).subarray(0, limit)
}

/**
 * The encoded batches of a decompressed channel, one by one: RLP strings back to back, read header by header because
 * what follows a good batch may be cut off. Throws {@link MalformedError} at the first that is malformed.
 */
export function* readBatches(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const { start, end } = readStringHeader(bytes, at)
    yield bytes.subarray(start, end)
    at = end
  }
}

/** Only long strings: a singular batch's two hashes alone take 66 bytes. */
function readStringHeader(bytes: Uint8Array, at: number): { start: number; end: number } {
  const first = bytes[at]!
  if (first <= 0xb7 || first >= 0xc0)
    throw new MalformedError(`batch at byte ${at} of the channel is no string of over 55 bytes`)
  const start = at + 1 + (first - 0xb7)
  if (first > 0xbb || start > bytes.length)
    throw new MalformedError(`batch at byte ${at} of the channel claims too long a length`)
  let length = 0
  for (let index = at + 1; index < start; index++) length = length * 256 + bytes[index]!
  if (bytes[at + 1] === 0 || length < 56)
    throw new MalformedError(`batch at byte ${at} has a length that is not in its shortest form`)
  if (start + length > bytes.length)
    throw new MalformedError(`batch at byte ${at} claims ${length} bytes, ${bytes.length - start} are left`)
  return { start, end: start + length }
}

/** A channel's uncompressed item for a batch. */
export function channelItem(batch: SingularBatch): Uint8Array {
  return encodeRlp(encodeBatch(batch))
}

/** Throws a RangeError where the items are more than a channel may hold. */
export async function compressChannel(items: Uint8Array[], compression: Compression): Promise<Uint8Array> {
  const plain = Buffer.concat(items)
  if (plain.length > MAX_RLP_BYTES_PER_CHANNEL)
    throw new RangeError(`${plain.length} bytes of batches do not fit a channel of ${MAX_RLP_BYTES_PER_CHANNEL}`)
  if (compression === 'zlib') return deflateAsync(plain, { level: 9 })
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  }
  return Buffer.concat([Uint8Array.of(CHANNEL_VERSION_BROTLI), await brotliAsync(plain, { params })])
}

/** A fresh channel id of 16 random bytes. */
export function randomChannelId(): Hex {
  return bytesToHex(randomBytes(16))
}

/** Cuts a compressed channel into frames of at most `maxFrameBytes` encoded bytes each. */
export function channelFrames(channel: Hex, compressed: Uint8Array, maxFrameBytes: number): Frame[] {
  const size = Math.min(maxFrameBytes - FRAME_OVERHEAD, MAX_FRAME_LEN)
  if (size < 1) throw new RangeError(`a frame of ${maxFrameBytes} bytes holds no data`)
  const count = Math.max(1, Math.ceil(compressed.length / size))
  if (count > MAX_FRAMES) throw new RangeError(`channel of ${compressed.length} bytes needs ${count} frames`)
  return Array.from({ length: count }, (_, number) => ({
    channel,
    number,
    data: compressed.subarray(number * size, (number + 1) * size),
    isLast: number === count - 1,
  }))
}
