import { randomBytes } from 'node:crypto'
import { deflateRawSync, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleConfig } from '../../genesis/testing/sample-config.ts'
import { bytesToHex } from '../execution/bytes.ts'
import { decodeBatch, decodeSingularBatch, isSpanBatch, type SingularBatch } from './batch.ts'
import { channelFrames, channelItem, compressChannel, decompressChannel, readBatches } from './channel.ts'
import { ChannelReader } from './channel-reader.ts'
import { decodeFrames, encodeFrames } from './frame.ts'
import { MalformedError } from './malformed.ts'
import { drain, dropLog, ListStage } from './testing/list-stage.ts'

const batch = (timestamp: bigint): SingularBatch => ({
  parentHash: `0x${'aa'.repeat(32)}`,
  epoch: { number: 5n, hash: `0x${'bb'.repeat(32)}` },
  timestamp,
  transactions: [new Uint8Array(100).fill(Number(timestamp))],
})
const items = [1n, 2n, 3n].map((timestamp) => channelItem(batch(timestamp)))

async function readAll(channels: Uint8Array[], maxBytes?: number) {
  const log = dropLog()
  const options = maxBytes === undefined ? log : { ...log, maxBytes }
  const batches = await drain(new ChannelReader({ config: sampleConfig(), previous: new ListStage(channels) }, options))
  return { timestamps: batches.map((batch) => (isSpanBatch(batch) ? 'span' : batch.timestamp)), reasons: log.reasons }
}

describe('a channel of batches', () => {
  it.each(['zlib', 'brotli'] as const)('comes back from %s', async (compression) => {
    const compressed = await compressChannel(items, compression)
    const read = [...readBatches(await decompressChannel(compressed))].map(decodeSingularBatch)
    expect(read.map(({ timestamp }) => timestamp)).toEqual([1n, 2n, 3n])
    if (compression === 'brotli') expect(compressed[0]).toBe(1)
    else expect(compressed[0]! & 0x0f).toBe(8)
  })

  it('comes back from frames of any size', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.integer({ min: 24, max: 500 }), (bytes, size) => {
        const frames = channelFrames(`0x${'cd'.repeat(16)}`, bytes, size)
        expect(frames.map(({ isLast }) => isLast).lastIndexOf(true)).toBe(frames.findIndex(({ isLast }) => isLast))
        for (const frame of frames) expect(encodeFrames([frame]).length - 1).toBeLessThanOrEqual(size)
        const joined = decodeFrames(encodeFrames(frames)).map(({ data }) => data)
        expect(bytesToHex(Buffer.concat(joined))).toBe(bytesToHex(bytes))
      }),
    )
  })

  it('ends at the limit of decompressed bytes: whole batches before it count', async () => {
    const compressed = await compressChannel(items, 'zlib')
    const limit = items[0]!.length + items[1]!.length + 5
    const { timestamps, reasons } = await readAll([compressed], limit)
    expect(timestamps).toEqual([1n, 2n])
    expect(reasons).toHaveLength(1)
  })

  it('that would decompress to gigabytes is read no further than the limit', async () => {
    const bomb = deflateSync(new Uint8Array(64 * 1024 * 1024), { level: 9 })
    expect(bomb.length).toBeLessThan(100_000)
    expect(await decompressChannel(bomb, 1_000_000)).toHaveLength(1_000_000)
  })

  it('that is corrupt, empty or of an unknown version is dropped, and the next one is read', async () => {
    const compressed = await compressChannel(items, 'zlib')
    const reserved = deflateRawSync(Buffer.concat(items))
    reserved[0]! |= 0b110
    const spoilt = (header: number[]) => Uint8Array.of(...header, ...compressed.subarray(2))
    const { timestamps, reasons } = await readAll([
      Buffer.concat([compressed.subarray(0, 2), reserved]),
      Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff),
      new Uint8Array(0),
      Uint8Array.of(0x78),
      Uint8Array.of(2, 3, 4),
      spoilt([0x78, 0xdb]),
      spoilt([0x78, 0xf9]),
      spoilt([0x88, 0x1c]),
      spoilt([0x7f, 0x01]),
      compressed,
    ])
    expect(timestamps).toEqual([1n, 2n, 3n])
    expect(reasons).toHaveLength(9)
  })

  it.each(['zlib', 'brotli'] as const)('of %s that is cut off is read as far as it goes', async (compression) => {
    const apart = [1n, 2n, 3n].map((timestamp) =>
      channelItem({ ...batch(timestamp), transactions: [randomBytes(200)] }),
    )
    const compressed = await compressChannel(apart, compression)
    const { timestamps, reasons } = await readAll([compressed.subarray(0, -100)])
    expect(timestamps).toEqual([1n, 2n])
    expect(reasons).toHaveLength(1)
  })

  it('counts whatever its checksum says', async () => {
    const compressed = Uint8Array.from(await compressChannel(items, 'zlib'))
    compressed[compressed.length - 1]! ^= 1
    expect(await readAll([compressed])).toEqual({ timestamps: [1n, 2n, 3n], reasons: [] })
  })

  it('is read up to its first malformed batch', async () => {
    const spoiled = await compressChannel(
      [items[0]!, Uint8Array.of(0xb8, 56, 1, ...new Uint8Array(55)), items[1]!],
      'zlib',
    )
    const { timestamps, reasons } = await readAll([spoiled, await compressChannel([items[2]!], 'brotli')])
    expect(timestamps).toEqual([1n, 3n])
    expect(reasons[0]).toMatch(/span batch of no block/)
  })

  it('of any decompressed bytes never fails but as malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          for (const item of readBatches(bytes)) decodeBatch(item, 1n)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
