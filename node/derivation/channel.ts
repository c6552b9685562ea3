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
  type BrotliDecompress,
  type BrotliOptions,
  brotliCompress,
  constants,
  createBrotliDecompress,
  createInflateRaw,
  deflate,
  type InflateRaw,
  type ZlibOptions,
} from 'node:zlib'
import type { Hex } from 'viem'
import { bytesToHex } from '../execution/bytes.ts'
import { encodeRlp, RlpError, type RlpHeader, readRlpHeader } from '../execution/rlp.ts'
import { encodeBatch, type SingularBatch } from './batch.ts'
import { CHANNEL_VERSION_BROTLI, FRAME_OVERHEAD, MAX_FRAME_LEN, MAX_RLP_BYTES_PER_CHANNEL } from './constants.ts'
import type { Frame } from './frame.ts'
import { MalformedError } from './malformed.ts'
import { encodeSpanBatch, type SpanContent } from './span-batch.ts'

export type Compression = 'zlib' | 'brotli'

const deflateAsync: (bytes: Uint8Array, options: ZlibOptions) => Promise<Buffer> = promisify(deflate)
const brotliAsync: (bytes: Uint8Array, options: BrotliOptions) => Promise<Buffer> = promisify(brotliCompress)
/** What op-batcher takes for its smallest size at a bearable time. */
const BROTLI_QUALITY = 10

/** A channel holds no more than 65,536 frames: their number is a u16. */
const MAX_FRAMES = 65_536

/**
 * Batches' bytes of a complete channel, at most `limit` of them: what lies beyond is as if it were not there. A stream
 * that is cut off gives what it holds, because op-batcher ends channels with a flush instead of the stream's end, and
 * zlib's checksum is not looked at, because op-node takes the batches before it has seen it.
 *
 * Throws {@link MalformedError} where the version is unknown or the stream corrupt: the channel is then dropped whole, so
 * that no node depends on how far its decompressor came.
 */
export async function decompressChannel(data: Uint8Array, limit = MAX_RLP_BYTES_PER_CHANNEL): Promise<Uint8Array> {
  const stream = decompressorOf(data)
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

const ZLIB_HEADER = 2
/**
 * Bytes that a decompressor gives at once. The limit of a channel is a multiple of it, so that a fault beyond the limit is
 * never met; Node's own 16 KiB would cost more in changes of thread than the decompression itself.
 */
const CHUNK_SIZE = 250_000

/** The stream that decompresses the channel, already fed. */
function decompressorOf(data: Uint8Array): InflateRaw | BrotliDecompress {
  const first = data[0]
  if (first === undefined) throw new MalformedError('channel is empty')
  if (first === CHANNEL_VERSION_BROTLI) {
    const brotli = createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH, chunkSize: CHUNK_SIZE })
    brotli.end(data.subarray(1))
    return brotli
  }
  if ((first & 0x0f) !== 8 && (first & 0x0f) !== 15) throw new MalformedError(`channel has version ${first}`)
  const flags = data[1]
  // RFC 1950: method 8, a window of 32 KiB at most, a check value, no dictionary.
  if (flags === undefined || (first & 0x0f) !== 8 || first >> 4 > 7 || (first * 256 + flags) % 31 !== 0 || flags & 0x20)
    throw new MalformedError('channel has no zlib header')
  const inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK_SIZE })
  inflate.end(data.subarray(ZLIB_HEADER))
  return inflate
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

function readStringHeader(bytes: Uint8Array, at: number): RlpHeader {
  try {
    const header = readRlpHeader(bytes, at, bytes.length)
    if (!header.isList) return header
  } catch (error) {
    if (!(error instanceof RlpError)) throw error
    throw new MalformedError(`batch at byte ${at} of the channel is no canonical RLP: ${error.message}`)
  }
  throw new MalformedError(`batch at byte ${at} of the channel is a list, not a string`)
}

/** A channel's uncompressed item for a singular batch. */
export function channelItem(batch: SingularBatch): Uint8Array {
  return encodeRlp(encodeBatch(batch))
}

/** … and for a span batch. */
export function spanChannelItem(content: SpanContent, chainId: bigint): Uint8Array {
  return encodeRlp(encodeSpanBatch(content, chainId))
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
