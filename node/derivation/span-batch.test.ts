import fc from 'fast-check'
import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { sampleConfig } from '../../genesis/testing/sample-config.ts'
import { bytesToHex } from '../execution/bytes.ts'
import { encodeUvarint } from './byte-reader.ts'
import { MalformedError } from './malformed.ts'
import {
  decodeSpanBatch,
  encodeSpanBatch,
  type SpanContent,
  spanBlocks,
  spanContent,
  spanOfBlocks,
} from './span-batch.ts'
import { arbitraryTransaction } from './testing/arbitrary-transactions.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { MemoryL2 } from './testing/memory-l2.ts'

const CHAIN = 901n
const check = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToHex)
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const contents: fc.Arbitrary<SpanContent> = fc.record({
  relTimestamp: u64,
  l1OriginNumber: u64,
  parentCheck: check,
  l1OriginCheck: check,
  blocks: fc.array(
    fc.record({ originChanged: fc.boolean(), transactions: fc.array(arbitraryTransaction(CHAIN), { maxLength: 4 }) }),
    { minLength: 1, maxLength: 20 },
  ),
})
const shown = (content: SpanContent) => ({
  ...content,
  blocks: content.blocks.map((block) => ({ ...block, transactions: block.transactions.map(bytesToHex) })),
})

describe('a span batch', () => {
  it('is the same after encoding and decoding', () => {
    fc.assert(
      fc.property(contents, (content) => {
        const bytes = encodeSpanBatch(content, CHAIN)
        expect(shown(spanContent(decodeSpanBatch(bytes, CHAIN)))).toEqual(shown(content))
      }),
      { numRuns: 200 },
    )
  })

  it('gives its blocks from any one on as it gives them from the first', () => {
    fc.assert(
      fc.property(contents, fc.nat(20), (content, from) => {
        const batch = decodeSpanBatch(encodeSpanBatch(content, CHAIN), CHAIN)
        expect([...spanBlocks(batch, Math.min(from, batch.blockCount))]).toEqual([...spanBlocks(batch)].slice(from))
      }),
    )
  })

  it('has the bytes that the specification draws', () => {
    const content: SpanContent = {
      relTimestamp: 300n,
      l1OriginNumber: 5n,
      parentCheck: `0x${'aa'.repeat(20)}`,
      l1OriginCheck: `0x${'bb'.repeat(20)}`,
      blocks: Array.from({ length: 9 }, (_, index) => ({
        originChanged: index === 0 || index === 8,
        transactions: [],
      })),
    }
    const prefix = `01ac0205${'aa'.repeat(20)}${'bb'.repeat(20)}`
    expect(bytesToHex(encodeSpanBatch(content, CHAIN))).toBe(`0x${prefix}090101${'00'.repeat(9)}`)
  })

  it('of damaged bytes is refused as malformed, or is a batch that encodes and decodes', () => {
    const damaged = fc
      .tuple(contents, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }), fc.nat(40))
      .map(([content, changes, cut]) => {
        const bytes = Uint8Array.from(encodeSpanBatch(content, CHAIN))
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        return bytes.subarray(0, bytes.length - (cut > 20 ? cut - 20 : 0))
      })
    fc.assert(
      fc.property(damaged, (bytes) => {
        const content = unlessMalformed(() => spanContent(decodeSpanBatch(bytes, CHAIN)))
        if (content === undefined) return
        // Numbers of any length are read and written as they are.
        expect(shown(spanContent(decodeSpanBatch(encodeSpanBatch(content, CHAIN), CHAIN)))).toEqual(shown(content))
      }),
      { numRuns: 1_000 },
    )
  })

  it('of any bytes never fails but as malformed', () => {
    const start = encodeSpanBatch({ ...fixed([]), blocks: [{ originChanged: true, transactions: [] }] }, CHAIN)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: start.length }), (bytes, kept) => {
        const input = Buffer.concat([start.subarray(0, kept), bytes])
        unlessMalformed(() => spanContent(decodeSpanBatch(input, CHAIN)))
      }),
      { numRuns: 1_000 },
    )
  })
})

const fixed = (transactions: Uint8Array[]): SpanContent => ({
  relTimestamp: 2n,
  l1OriginNumber: 1n,
  parentCheck: `0x${'aa'.repeat(20)}`,
  l1OriginCheck: `0x${'bb'.repeat(20)}`,
  blocks: [{ originChanged: true, transactions }],
})

function unlessMalformed<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedError)
    return undefined
  }
}

describe('a span batch is refused', () => {
  const prefix = encodeSpanBatch(fixed([]), CHAIN).subarray(0, 43)
  const decode =
    (...parts: Uint8Array[]) =>
    () =>
      decodeSpanBatch(Buffer.concat([prefix, ...parts]), CHAIN)

  it('without blocks', () => {
    expect(decode(encodeUvarint(0n))).toThrow(/of no block/)
  })

  it('with more than ten million blocks or transactions, before anything is allocated for them', () => {
    expect(decode(encodeUvarint(10_000_001n))).toThrow(/block_count is 10000001/)
    expect(decode(encodeUvarint(10_000_000n))).toThrow(/origin_bits needs 1250000 bytes/)
    expect(decode(Uint8Array.of(1, 0), encodeUvarint(10_000_001n))).toThrow(/block_tx_count is 10000001/)
    const halves = [encodeUvarint(9_000_000n), encodeUvarint(9_000_000n)]
    expect(decode(Uint8Array.of(2, 0), ...halves)).toThrow(/over 10000000 transactions/)
    expect(decode(Uint8Array.of(1, 0), encodeUvarint(10_000_000n))).toThrow(/contract_creation_bits needs/)
  })

  it('never, for its size alone: ten million empty blocks cost memory in proportion to their bytes', () => {
    const count = encodeUvarint(10_000_000n)
    const bytes = Buffer.concat([prefix, count, new Uint8Array(1_250_000), new Uint8Array(10_000_000)])
    const before = process.memoryUsage()
    const batch = decodeSpanBatch(bytes, CHAIN)
    const after = process.memoryUsage()
    expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(6 * bytes.length)
    expect(spanBlocks(batch, 9_999_999).next().value).toEqual({ originChanged: false, transactions: [] })
  })

  it('with bits beyond its blocks', () => {
    expect(decode(Uint8Array.of(1, 2, 0))).toThrow(/origin_bits has bits beyond 1/)
  })

  it('with a number of over 64 bits, however it is written', () => {
    const long = new Uint8Array(10).fill(0xff)
    expect(decode(long)).toThrow(/block_count is over 64 bits/)
    expect(() => decodeSpanBatch(Buffer.concat([Uint8Array.of(1), long, long]), CHAIN)).toThrow(/over 64 bits/)
  })

  it.each<[string, number[]]>([
    ['of type 3', [3, 0xc0]],
    ['that is a deposit', [0x7e, 0xc0]],
    ['of type 0', [0, 0xc3, 0x80, 0x80, 0x80]],
    ['that lacks a field', [0xc2, 0x80, 0x80]],
    ['with a field too many', [0xc4, 0x80, 0x80, 0x80, 0x80]],
    ['that is a string', [0x83, 1, 2, 3]],
    ['with a number with a leading zero', [0xc5, 0x82, 0, 1, 0x80, 0x80]],
  ])('with a transaction %s', (_, part) => {
    const columns = Uint8Array.of(1, 0, 1, 1, 0, ...new Uint8Array(64), ...part, 0, 0, 0)
    expect(decode(columns)).toThrow(MalformedError)
  })

  it('where a transaction of type 4 would create a contract', () => {
    const part = [4, 0xc6, 0x80, 0x80, 0x80, 0x80, 0xc0, 0xc0]
    const columns = (creation: number, to: number[]) =>
      Uint8Array.of(1, 0, 1, creation, 0, ...new Uint8Array(64), ...to, ...part, 0, 0)
    expect(decode(columns(0, new Array(20).fill(1)))).not.toThrow()
    expect(decode(columns(1, []))).toThrow(/type 4 in the span creates a contract/)
  })
})

describe('a span batch of L2 blocks', () => {
  it('takes parent and origins from the blocks, and leaves the deposits out', async () => {
    const config = sampleConfig()
    const l1 = new MemoryL1(config)
    const l2 = new MemoryL2(config)
    for (let block = 0; block < 8; block++) {
      if (l2.head.block.header.timestamp + 2n >= l1.head.timestamp + 12n) l1.mine()
      await l2.sequence(l1, [Uint8Array.of(0xc0)])
    }
    const content = spanOfBlocks(config, l2.blocks.slice(3))
    expect(content).toMatchObject({
      relTimestamp: 6n,
      l1OriginNumber: l2.headRef.l1Origin.number,
      parentCheck: l2.blocks[2]!.hash.slice(0, 42) as Hex,
      l1OriginCheck: l2.headRef.l1Origin.hash.slice(0, 42),
    })
    expect(content.blocks.filter(({ originChanged }) => originChanged)).toHaveLength(1)
    expect(content.blocks.every(({ transactions }) => transactions.length === 1)).toBe(true)
    expect(() => spanOfBlocks(config, l2.blocks.slice(0, 2))).toThrow(/block 1/)
    expect(() => spanOfBlocks(config, [l2.blocks[2]!, l2.blocks[4]!])).toThrow(/does not follow/)
  })
})
