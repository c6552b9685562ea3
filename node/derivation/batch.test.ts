import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleConfig } from '../../genesis/testing/sample-config.ts'
import { bytesToHex } from '../execution/bytes.ts'
import { decodeSignedTransaction } from '../execution/transaction.ts'
import {
  batchOfBlock,
  decodeBatch,
  decodeSingularBatch,
  encodeBatch,
  isSpanBatch,
  type SingularBatch,
} from './batch.ts'
import { decompressChannel, readBatches } from './channel.ts'
import { decodeFrames, encodeFrames } from './frame.ts'
import { MalformedError } from './malformed.ts'
import { decodeSpanBatch, encodeSpanBatch, spanContent } from './span-batch.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { MemoryL2 } from './testing/memory-l2.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex)
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const batches: fc.Arbitrary<SingularBatch> = fc.record({
  parentHash: hash,
  epoch: fc.record({ number: uint64, hash }),
  timestamp: uint64,
  transactions: fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 4 }),
})
const shown = (batch: SingularBatch) => ({ ...batch, transactions: batch.transactions.map(bytesToHex) })

describe('a singular batch', () => {
  it('is the same after encoding and decoding', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        expect(shown(decodeSingularBatch(encodeBatch(batch)))).toEqual(shown(batch))
      }),
    )
  })

  it('of any bytes decodes to what encodes to them (but for bytes after it), or is refused as malformed', () => {
    const damaged = fc.tuple(batches, fc.nat(), fc.nat(255)).map(([batch, at, value]) => {
      const bytes = encodeBatch(batch)
      bytes[at % bytes.length] = value
      return bytes
    })
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          const encoded = encodeBatch(decodeSingularBatch(bytes))
          expect(bytesToHex(bytes.subarray(0, encoded.length))).toBe(bytesToHex(encoded))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is refused where its version is unknown', () => {
    expect(() => decodeBatch(Uint8Array.of(2), 1n)).toThrow(/version 2/)
    expect(() => decodeBatch(new Uint8Array(0), 1n)).toThrow(/version none/)
  })

  it('stands though bytes follow it', () => {
    fc.assert(
      fc.property(batches, fc.uint8Array({ maxLength: 8 }), (batch, rest) => {
        expect(shown(decodeSingularBatch(Buffer.concat([encodeBatch(batch), rest])))).toEqual(shown(batch))
      }),
    )
  })

  it('is refused where lists nest without end', () => {
    const nested = new Uint8Array(100_000).fill(0xc1)
    nested[0] = 0
    expect(() => decodeBatch(nested, 1n)).toThrow(MalformedError)
  })

  it('of a block holds its transactions without the deposits', async () => {
    const config = sampleConfig()
    const l2 = new MemoryL2(config)
    const block = await l2.sequence(new MemoryL1(config), [Uint8Array.of(2, 1), Uint8Array.of(0xc0)])
    const batch = batchOfBlock(config, block)
    expect(block.block.transactions).toHaveLength(3)
    expect(shown(batch)).toEqual({
      parentHash: config.genesis.l2.hash,
      epoch: { number: 1n, hash: config.genesis.l1.hash },
      timestamp: 1_700_000_002n,
      transactions: ['0x0201', '0xc0'],
    })
  })
})

const conformance = process.env.OPENLEDGER_CONFORMANCE ?? join(import.meta.dirname, '../../../shared/conformance')
const samples = join(conformance, 'op')

describe.skipIf(!existsSync(samples))("op-node's own samples (conformance/op)", () => {
  it('batch.hex: a zlib channel decompresses to batches that encode to the same bytes', async () => {
    const channel = Buffer.from(readFileSync(join(samples, 'batch.hex'), 'utf8').trim(), 'hex')
    const items = [...readBatches(await decompressChannel(channel))]
    expect(items.length).toBeGreaterThan(0)
    for (const item of items) {
      const batch = decodeBatch(item, 10n)
      const again = isSpanBatch(batch) ? encodeSpanBatch(spanContent(batch), 10n) : encodeBatch(batch)
      expect(Buffer.compare(again, item)).toBe(0)
    }
  })

  it('raw_batch.hex: a span batch without its version encodes to the same bytes', () => {
    const bytes = Buffer.concat([Uint8Array.of(1), readFileSync(join(samples, 'raw_batch.hex'))])
    const content = spanContent(decodeSpanBatch(bytes, 981n))
    expect(Buffer.compare(encodeSpanBatch(content, 981n), bytes)).toBe(0)
    for (const raw of content.blocks.flatMap(({ transactions }) => transactions)) decodeSignedTransaction(raw, 981n)
  })

  it('raw_batcher_tx.hex: a batcher transaction carries a frame, and that a channel which ends in a flush', async () => {
    const transaction = decodeSignedTransaction(readFileSync(join(samples, 'raw_batcher_tx.hex')), 1n)
    const frames = decodeFrames(transaction.data)
    expect(transaction.to).toBe('0xff00000000000000000000000000000000000010')
    expect(Buffer.compare(encodeFrames(frames), transaction.data)).toBe(0)
    expect(frames.map(({ isLast }) => isLast)).toEqual([true])
    const items = [...readBatches(await decompressChannel(frames[0]!.data))]
    expect(items).toHaveLength(1)
    const content = spanContent(decodeSpanBatch(items[0]!, 10n))
    expect(content.blocks).toHaveLength(27)
    expect(Buffer.compare(encodeSpanBatch(content, 10n), items[0]!)).toBe(0)
  })
})
