import { encodeAbiParameters, hashTypedData, keccak256, parseAbiParameters, toBytes } from 'viem'
import { describe, expect, it } from 'vitest'
import { abiWord } from './abi-words.ts'
import { contributionCommitment } from './commitment.ts'
import { fromHex, toHex } from './hex.ts'
import { receiptDigest, receiptTypedData, saltedHash } from './receipt.ts'
import { channelIdOf, requestId } from './request.ts'
import { voucherDigest, voucherTypedData } from './voucher.ts'

const channel = `0x${'c1'.repeat(32)}` as const
const payer = `0x${'a1'.repeat(20)}` as const
const receiver = `0x${'b2'.repeat(20)}` as const

describe('EIP-712 digests', () => {
  it('of a voucher is what viem computes', () => {
    const voucher = { channel, maxClaimableAmount: (1n << 128n) - 1n }
    expect(toHex(voucherDigest(7, voucher))).toBe(hashTypedData(voucherTypedData(7, voucher)))
    expect(voucherDigest(8, voucher)).not.toEqual(voucherDigest(7, voucher))
    expect(() => voucherDigest(7, { channel, maxClaimableAmount: 1n << 128n })).toThrow('128 bits')
  })

  it('of a receipt is what viem computes', () => {
    const receipt = {
      channel,
      n: 3n,
      version: 4n,
      fee: 5n,
      promptTokens: 6,
      outputTokens: 7,
      promptHash: `0x${'d1'.repeat(32)}`,
      outputHash: `0x${'d2'.repeat(32)}`,
      openable: true,
    } as const
    expect(toHex(receiptDigest(7, receipt))).toBe(hashTypedData(receiptTypedData(7, receipt)))
    expect(receiptDigest(7, { ...receipt, openable: false })).not.toEqual(receiptDigest(7, receipt))
  })
})

describe('hashes of ABI words', () => {
  it('are keccak(abi.encode(…)) of the fields', () => {
    const encoded = encodeAbiParameters(parseAbiParameters('bytes32, uint64'), [channel, 9n])
    expect(requestId(channel, 9n)).toBe(keccak256(encoded))
    const opened = encodeAbiParameters(parseAbiParameters('address, address, uint64'), [payer, receiver, 2n])
    expect(channelIdOf(payer, receiver, 2n)).toBe(keccak256(opened))
    const salt = `0x${'5a'.repeat(32)}` as const
    const committed = encodeAbiParameters(parseAbiParameters('address, uint64, bytes32, bytes32'), [
      payer,
      1n,
      channel,
      salt,
    ])
    expect(contributionCommitment({ owner: payer, datanet: 1n, contentHash: channel, salt })).toBe(keccak256(committed))
  })

  it('refuse values that do not fit their type', () => {
    expect(() => requestId(channel, 1n << 64n)).toThrow('64 bits')
    expect(() => requestId('0x12', 1n)).toThrow('expected 32 bytes, got 1')
    expect(() => abiWord({ address: channel })).toThrow('expected 20 bytes, got 32')
    expect(() => fromHex('0x1')).toThrow('not bytes in hexadecimal')
  })
})

describe('saltedHash', () => {
  it('is keccak(salt ‖ ids, four bytes each, big endian)', () => {
    const salt = `0x${'11'.repeat(32)}` as const
    expect(saltedHash(salt, Uint32Array.of(1, 0x80000000))).toBe(keccak256(toBytes(`${salt}0000000180000000`)))
  })
})
