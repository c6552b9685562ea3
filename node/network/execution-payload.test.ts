import { ByteListType, ByteVectorType, ContainerType, ListCompositeType, UintBigintType } from '@chainsafe/ssz'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hexToBytes } from '../execution/bytes.ts'
import { checkedBlock, decodeEnvelope, encodeEnvelope, PayloadError } from './execution-payload.ts'
import { blockOn } from './testing/memory-chain.ts'

const u64 = new UintBigintType(8)
const bytes32 = new ByteVectorType(32)
/** ExecutionPayloadV4 as a second implementation sees it. */
const Payload = new ContainerType({
  parentHash: bytes32,
  feeRecipient: new ByteVectorType(20),
  stateRoot: bytes32,
  receiptsRoot: bytes32,
  logsBloom: new ByteVectorType(256),
  prevRandao: bytes32,
  blockNumber: u64,
  gasLimit: u64,
  gasUsed: u64,
  timestamp: u64,
  extraData: new ByteListType(32),
  baseFeePerGas: new UintBigintType(32),
  blockHash: bytes32,
  transactions: new ListCompositeType(new ByteListType(2 ** 30), 2 ** 20),
  withdrawals: new ListCompositeType(new ByteVectorType(44), 16),
  blobGasUsed: u64,
  excessBlobGas: u64,
  withdrawalsRoot: bytes32,
})

const transactionLists = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 12 })

describe('an execution payload', () => {
  it('has the bytes that another SSZ implementation writes', () => {
    fc.assert(
      fc.property(transactionLists, (transactions) => {
        const block = blockOn(undefined, transactions)
        const { header } = block.block
        const expected = Payload.serialize({
          parentHash: hexToBytes(header.parentHash),
          feeRecipient: hexToBytes(header.beneficiary),
          stateRoot: hexToBytes(header.stateRoot),
          receiptsRoot: hexToBytes(header.receiptsRoot),
          logsBloom: hexToBytes(header.logsBloom),
          prevRandao: hexToBytes(header.mixHash),
          blockNumber: header.number,
          gasLimit: header.gasLimit,
          gasUsed: header.gasUsed,
          timestamp: header.timestamp,
          extraData: hexToBytes(header.extraData),
          baseFeePerGas: header.baseFeePerGas,
          blockHash: hexToBytes(block.hash),
          transactions,
          withdrawals: [],
          blobGasUsed: header.blobGasUsed,
          excessBlobGas: header.excessBlobGas,
          withdrawalsRoot: hexToBytes(header.withdrawalsRoot),
        })
        const envelope = encodeEnvelope(block)
        expect(Buffer.from(envelope.subarray(32)).equals(expected)).toBe(true)
        expect(Buffer.from(envelope.subarray(0, 32)).equals(hexToBytes(header.parentBeaconBlockRoot))).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('comes back with its hash', () => {
    fc.assert(
      fc.property(transactionLists, (transactions) => {
        const block = blockOn(undefined, transactions)
        expect(checkedBlock(decodeEnvelope(encodeEnvelope(block)))).toEqual(block)
      }),
      { numRuns: 30 },
    )
  })

  it('with any byte changed is refused or has another hash', () => {
    const envelope = encodeEnvelope(blockOn(undefined, [Uint8Array.of(2, 3, 4), Uint8Array.of(5)]))
    fc.assert(
      fc.property(fc.nat({ max: envelope.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = envelope.slice()
        changed[at] = changed[at]! ^ flip
        expect(blockOf(changed)).toBeUndefined()
      }),
    )
  })

  it('decodes arbitrary bytes or throws a PayloadError', () => {
    const envelope = encodeEnvelope(blockOn(undefined, [Uint8Array.of(2, 3, 4)]))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat({ max: 700 }), (noise, at) => {
        blockOf(noise)
        const spoilt = envelope.slice()
        spoilt.set(noise.subarray(0, Math.max(0, spoilt.length - at)), Math.min(at, spoilt.length))
        blockOf(spoilt)
      }),
    )
  })
})

/** The block of an envelope, or undefined where it is refused in an orderly way. */
function blockOf(envelope: Uint8Array) {
  try {
    return checkedBlock(decodeEnvelope(envelope))
  } catch (error) {
    expect(error).toBeInstanceOf(PayloadError)
    return undefined
  }
}
