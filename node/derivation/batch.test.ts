import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleConfig } from '../../genesis/testing/sample-config.ts'
import { bytesToHex } from '../execution/bytes.ts'
import { decodeSignedTransaction } from '../execution/transaction.ts'
import { batchOfBlock, decodeBatch, encodeBatch, type SingularBatch } from './batch.ts'
import { decompressChannel, readBatches } from './channel.ts'
import { decodeFrames, encodeFrames } from './frame.ts'
import { MalformedError } from './malformed.ts'
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
        expect(shown(decodeBatch(encodeBatch(batch)))).toEqual(shown(batch))
      }),
    )
  })

  it('of any bytes decodes to what encodes to them, or is refused as malformed', () => {
    const damaged = fc.tuple(batches, fc.nat(), fc.nat(255)).map(([batch, at, value]) => {
      const bytes = encodeBatch(batch)
      bytes[at % bytes.length] = value
      return bytes
    })
    fc.assert(
      fc.property(damaged, (bytes) => {
        try {
          expect(bytesToHex(encodeBatch(decodeBatch(bytes)))).toBe(bytesToHex(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is refused by name where it is a span batch or of an unknown version', () => {
    expect(() => decodeBatch(Uint8Array.of(1, 0))).toThrow(/span batches \(version 1\) are not supported/)
    expect(() => decodeBatch(Uint8Array.of(2))).toThrow(/version 2/)
    expect(() => decodeBatch(new Uint8Array(0))).toThrow(/version none/)
  })

  it('is refused where lists nest without end', () => {
    const nested = new Uint8Array(100_000).fill(0xc1)
    nested[0] = 0
    expect(() => decodeBatch(nested)).toThrow(MalformedError)
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
  it('batch.hex: a zlib channel decompresses to batches back to back', async () => {
    const channel = Buffer.from(readFileSync(join(samples, 'batch.hex'), 'utf8').trim(), 'hex')
    const items = [...readBatches(await decompressChannel(channel))]
    expect(items.length).toBeGreaterThan(0)
    const versions = new Set(items.map((item) => item[0]))
    for (const item of items) {
      if (item[0] === 0) expect(bytesToHex(encodeBatch(decodeBatch(item)))).toBe(bytesToHex(item))
      else expect(() => decodeBatch(item)).toThrow(/span batches/)
    }
    expect([...versions].every((version) => version === 0 || version === 1)).toBe(true)
  })

  it('raw_batcher_tx.hex: a batcher transaction carries frames that encode to the same bytes', () => {
    const transaction = decodeSignedTransaction(readFileSync(join(samples, 'raw_batcher_tx.hex')), 1n)
    const frames = decodeFrames(transaction.data)
    expect(transaction.to).toBe('0xff00000000000000000000000000000000000010')
    expect(Buffer.compare(encodeFrames(frames), transaction.data)).toBe(0)
  })
})
