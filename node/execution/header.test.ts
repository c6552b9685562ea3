import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Block, Receipt } from './block.ts'
import { decodeBlock, encodeBlock } from './block-codec.ts'
import { logsBloom } from './bloom.ts'
import { bytesToHex, wordHex } from './bytes.ts'
import { fixtureHeader } from './execution-fixture.ts'
import { decodeHeader, encodeHeader, headerHash, readHeader } from './header.ts'
import { InvalidBlockError } from './invalid-block.ts'
import { decodeReceipts, encodeReceipt, encodeReceipts } from './receipt.ts'
import { decodeRlp, encodeRlp, type RlpItem } from './rlp.ts'

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex)
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToHex)
const header = fc
  .record({
    parentHash: hash,
    beneficiary: address,
    stateRoot: hash,
    number: u64,
    gasLimit: u64,
    gasUsed: u64,
    timestamp: u64,
    baseFeePerGas: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    blobGasUsed: u64,
    extraData: fc.uint8Array({ maxLength: 32 }).map(bytesToHex),
  })
  .map(fixtureHeader)

describe('a header', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(header, (value) => {
        expect(decodeHeader(encodeHeader(value))).toEqual(value)
      }),
    )
  })

  it('is refused by field where a constant of the merge is not there', () => {
    const items = fixtureItems()
    items[7] = new Uint8Array([1])
    expect(() => decodeHeader(encodeRlp(items))).toThrow('header difficulty: must be 0x, got 0x01')
    expect(() => decodeHeader(encodeRlp(items.slice(1)))).toThrow('must have 21 fields, got 20')
    expect(() => decodeHeader(new Uint8Array([1, 2, 3]))).toThrow(InvalidBlockError)
  })

  const conformance = `${process.env.OPENLEDGER_CONFORMANCE ?? '../shared/conformance'}/rpc-compat/`
  const found = (() => {
    try {
      return readFileSync(`${conformance}chain.rlp`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  })()

  it.skipIf(found === undefined)("hashes to its child's parentHash on the chain of Ethereum's RPC tests", () => {
    // Those before Prague have shorter headers.
    const items = [...blocksOf(new Uint8Array(found!))].map((block) => (decodeRlp(block) as RlpItem[])[0]!)
    const headers = items.filter((item) => item.length === 21).map(readHeader)
    expect(headers.length).toBeGreaterThan(1)
    for (const [index, child] of headers.slice(1).entries()) expect(child.parentHash).toBe(headerHash(headers[index]!))
  })
})

/** Blocks lie in the file as long RLP lists, one after the other. */
function* blocksOf(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = bytes[at]! - 0xf7
    let length = 0
    for (let i = 1; i <= size; i++) length = length * 256 + bytes[at + i]!
    const end = at + 1 + size + length
    yield bytes.subarray(at, end)
    at = end
  }
}

function fixtureItems(): Uint8Array[] {
  const hash = new Uint8Array(32)
  const none = new Uint8Array()
  const ommers = Buffer.from('1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347', 'hex')
  const head = [hash, new Uint8Array(ommers), new Uint8Array(20), hash, hash, hash, new Uint8Array(256), none]
  return [...head, none, none, none, none, none, hash, new Uint8Array(8), none, hash, none, none, hash, hash]
}

describe('a block', () => {
  it('comes back as it was written, legacy transactions in place', () => {
    const typed = fc
      .tuple(fc.constantFrom(1, 2, 4, 0x7e), fc.uint8Array({ minLength: 1, maxLength: 80 }))
      .map(([type, rest]) => new Uint8Array([type, ...rest]))
    const legacy = fc.array(fc.uint8Array({ minLength: 2, maxLength: 40 }), { maxLength: 9 }).map(encodeRlp)
    const block = fc.record({ header, transactions: fc.array(fc.oneof(typed, legacy), { maxLength: 6 }) })
    fc.assert(
      fc.property(block, (value: Block) => {
        expect(decodeBlock(encodeBlock(value))).toEqual(value)
      }),
    )
  })

  it('has no ommers and no withdrawals', () => {
    expect(() => decodeBlock(encodeRlp([fixtureItems(), [], [new Uint8Array([1])], []]))).toThrow(
      'block ommers: must be empty',
    )
    expect(() => decodeBlock(encodeRlp([fixtureItems(), [], [], [new Uint8Array([1])]]))).toThrow(
      'block withdrawals: must be empty',
    )
    expect(() => decodeBlock(encodeRlp([fixtureItems(), [new Uint8Array()], [], []]))).toThrow('block transactions[0]')
  })
})

const receipt: Receipt = {
  type: 2,
  transactionHash: wordHex(1n),
  from: `0x${'11'.repeat(20)}`,
  to: undefined,
  contractAddress: `0x${'22'.repeat(20)}`,
  succeeded: true,
  cumulativeGasUsed: 21_000n,
  gasUsed: 21_000n,
  effectiveGasPrice: 7n,
  logs: [{ address: `0x${'33'.repeat(20)}`, topics: [wordHex(3n)], data: new Uint8Array([1, 2, 3]) }],
  l1Fee: 5n,
  operatorFee: 6n,
  daFootprint: 40_000n,
  depositNonce: undefined,
}

describe('a receipt', () => {
  it('comes back from the database as it was stored', () => {
    const deposit = { ...receipt, type: 0x7e, depositNonce: 0n, succeeded: false, logs: [] }
    expect(decodeReceipts(encodeReceipts([receipt, deposit]))).toEqual([receipt, deposit])
  })

  it('of a deposit carries its nonce and version 1 in consensus; others do not', () => {
    const ordinary = { ...receipt, logs: [] }
    const deposit = { ...ordinary, type: 0x7e, depositNonce: 9n }
    expect(bytesToHex(encodeReceipt(deposit))).toMatch(/^0x7ef9010a01825208b90100(00){256}c00901$/)
    expect(bytesToHex(encodeReceipt(ordinary))).toMatch(/^0x02f9010801825208b90100(00){256}c0$/)
    expect(bytesToHex(encodeReceipt({ ...ordinary, type: 0 }))).toMatch(/^0xf9010801825208b90100(00){256}c0$/)
  })

  it('sets at most three bits of the bloom for each address and topic, the same for the same', () => {
    const bits = (bloom: Uint8Array) =>
      [...bloom].reduce((count, byte) => count + byte.toString(2).replaceAll('0', '').length, 0)
    expect(bits(logsBloom([]))).toBe(0)
    expect(bits(logsBloom(receipt.logs))).toBe(6)
    expect(logsBloom([...receipt.logs, ...receipt.logs])).toEqual(logsBloom(receipt.logs))
  })
})
