import fc from 'fast-check'
import { type Hex, toHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { type JournalRecord, parseRecord, serializeRecord } from './journal-record.ts'

const bytes = (size: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((value) => toHex(value))
const uint = (bits: number) => fc.bigInt(0n, 2n ** BigInt(bits) - 1n)
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })

const attributed: fc.Arbitrary<JournalRecord> = fc.record(
  {
    type: fc.constant('attributed' as const),
    request: bytes(32),
    asOf: uint(64),
    queryHash: bytes(32),
    query: bytes(64),
    entries: fc.array(
      fc.record({ row: uint32, cluster: uint(64), raw: fc.integer(), scale: fc.integer({ min: 0, max: 0xffff }) }),
    ),
  },
  { requiredKeys: ['type', 'request', 'asOf', 'queryHash', 'entries'] },
)

const answered: fc.Arbitrary<JournalRecord> = fc.record({
  type: fc.constant('answered' as const),
  request: bytes(32),
  at: uint(64),
  artifact: bytes(32),
  prompt: fc.string({ unit: 'grapheme' }),
  answer: fc.string({ unit: 'grapheme' }),
  engine: fc.string(),
  notice: fc.string(),
  sources: fc.array(fc.record({ row: uint32, contribution: uint(64), cluster: uint(64), score: fc.integer() })),
  promptSalt: bytes(32),
  outputSalt: bytes(32),
  receipt: fc.record({
    channel: bytes(32),
    n: uint(64),
    version: uint(64),
    fee: uint(128),
    promptTokens: uint32,
    outputTokens: uint32,
    promptHash: bytes(32),
    outputHash: bytes(32),
    openable: fc.boolean(),
    signature: bytes(65),
  }),
  voucher: fc.record({ maxClaimableAmount: uint(128), signature: bytes(65) }),
})

const batch: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({
    ...{ type: fc.constant('batchPlanned' as const), root: bytes(32), from: uint(64) },
    leaves: fc.array(bytes(187), { minLength: 1 }),
  }),
  fc.record({
    ...{ type: fc.constant('batchCommitted' as const), root: bytes(32), batch: uint(64), transaction: bytes(32) },
  }),
  fc.record({ type: fc.constant('batchDropped' as const), root: bytes(32), reason: fc.string() }),
  fc.record({ type: fc.constant('batchOver' as const), root: bytes(32), forfeited: fc.nat() }),
)

describe('a journal line', () => {
  it('gives back the record that it was made of, on one line', () => {
    const check = (record: JournalRecord) => {
      const line = serializeRecord(record)
      expect(line).not.toContain('\n')
      expect(parseRecord(line)).toEqual(record)
    }
    fc.assert(fc.property(fc.oneof(answered, attributed, batch), check))
  })

  it('is refused with the name of the field that is wrong', () => {
    expect(() => parseRecord('{"type":"settled","request":"0x12"}')).toThrow(/^request: must be 32 bytes/)
    expect(() => parseRecord('{"type":"forgotten"}')).toThrow(/^type:/)
    expect(() => parseRecord('not json')).toThrow(SyntaxError)
  })
})
