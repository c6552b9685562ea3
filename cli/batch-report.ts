/**
 * What batcher data holds, as JSON: a transaction, its payload, a blob, a whole channel, or batches. What cannot be read is
 * told in place of what it would hold, as derivation would drop it.
 */

import { type Batch, decodeBatch, isSpanBatch } from '../node/derivation/batch.ts'
import { decodeBlob } from '../node/derivation/blob.ts'
import { decompressChannel, readBatches } from '../node/derivation/channel.ts'
import { BLOB_BYTES, CHANNEL_VERSION_BROTLI } from '../node/derivation/constants.ts'
import { decodeFrames, type Frame } from '../node/derivation/frame.ts'
import { MalformedError } from '../node/derivation/malformed.ts'
import { type SpanBatch, spanBlocks } from '../node/derivation/span-batch.ts'
import { bytesToHex } from '../node/execution/bytes.ts'
import { keccak256 } from '../protocol/keccak.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export type ReportOptions = {
  chainId: bigint
  /** With which the times of a span's blocks are known. */
  clock?: { genesisTime: bigint; blockTime: bigint } | undefined
  /** Whole envelopes instead of their hashes. */
  withTransactions: boolean
}

/** One batcher transaction's payload, or one blob. */
export type Payload = { name: string; bytes: Uint8Array }

/** The frames of all payloads in order, and the channels that they make. */
export async function payloadsReport(payloads: Payload[], options: ReportOptions): Promise<{ [key: string]: Json }> {
  const channels = new Map<string, Frame[]>()
  const shown: Json[] = []
  for (const { name, bytes } of payloads) {
    const frames = orError(() => decodeFrames(bytes.length === BLOB_BYTES ? decodeBlob(bytes) : bytes))
    if ('error' in frames) shown.push({ name, error: frames.error })
    else {
      shown.push({ name, frames: frames.value.map(frameReport) })
      for (const frame of frames.value) channels.set(frame.channel, [...(channels.get(frame.channel) ?? []), frame])
    }
  }
  const whole: Json[] = []
  for (const [id, frames] of channels) whole.push({ id, ...(await assembledReport(frames, options)) })
  return { payloads: shown, channels: whole }
}

function frameReport({ channel, number, data, isLast }: Frame): Json {
  return { channel, number, dataBytes: data.length, isLast }
}

async function assembledReport(frames: Frame[], options: ReportOptions): Promise<{ [key: string]: Json }> {
  const inOrder = frames.every(({ number }, index) => number === index)
  if (!inOrder || frames.at(-1)?.isLast !== true)
    return { frames: frames.length, error: 'not whole: its frames are not all here, or not in order' }
  return { frames: frames.length, ...(await channelReport(Buffer.concat(frames.map(({ data }) => data)), options)) }
}

export async function channelReport(channel: Uint8Array, options: ReportOptions): Promise<{ [key: string]: Json }> {
  const compression = channel[0] === CHANNEL_VERSION_BROTLI ? 'brotli' : 'zlib'
  const head = { compression, compressedBytes: channel.length }
  try {
    const plain = await decompressChannel(channel)
    return { ...head, bytes: plain.length, ...batchesReport(plain, options) }
  } catch (error) {
    return { ...head, error: malformed(error).message }
  }
}

/** Batches back to back, as a channel holds them. */
export function batchesReport(plain: Uint8Array, options: ReportOptions): { batches: Json[]; error?: string } {
  const batches: Json[] = []
  try {
    for (const item of readBatches(plain)) batches.push(batchReport(decodeBatch(item, options.chainId), options))
    return { batches }
  } catch (error) {
    return { batches, error: malformed(error).message }
  }
}

export function batchReport(batch: Batch, options: ReportOptions): Json {
  if (isSpanBatch(batch)) return spanReport(batch, options)
  const { parentHash, epoch, timestamp, transactions } = batch
  return {
    type: 'singular',
    parentHash,
    epoch: { number: Number(epoch.number), hash: epoch.hash },
    timestamp: Number(timestamp),
    transactions: transactions.map((raw) => transactionReport(raw, options)),
  }
}

function spanReport(span: SpanBatch, options: ReportOptions): Json {
  const { clock } = options
  const blocks = [...spanBlocks(span)]
  let origin = span.l1OriginNumber - BigInt(blocks.filter(({ originChanged }) => originChanged).length)
  return {
    type: 'span',
    relTimestamp: Number(span.relTimestamp),
    l1OriginNumber: Number(span.l1OriginNumber),
    parentCheck: span.parentCheck,
    l1OriginCheck: span.l1OriginCheck,
    blockCount: span.blockCount,
    transactionCount: span.transactions.count,
    blocks: blocks.map(({ originChanged, transactions }, index) => {
      if (originChanged) origin++
      const time = clock && clock.genesisTime + span.relTimestamp + clock.blockTime * BigInt(index)
      return {
        ...(time === undefined ? {} : { timestamp: Number(time) }),
        originChanged,
        l1OriginNumber: Number(origin),
        transactions: transactions.map((raw) => transactionReport(raw, options)),
      }
    }),
  }
}

function transactionReport(raw: Uint8Array, { withTransactions }: ReportOptions): Json {
  return withTransactions ? bytesToHex(raw) : bytesToHex(keccak256(raw))
}

export function orError<T>(read: () => T): { value: T } | { error: string } {
  try {
    return { value: read() }
  } catch (error) {
    return { error: malformed(error).message }
  }
}

/** Anything but malformed data is our own defect. */
function malformed(error: unknown): MalformedError {
  if (error instanceof MalformedError) return error
  throw error
}
