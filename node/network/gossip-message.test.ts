import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { concat, keccak256, numberToHex, pad, toHex } from 'viem'
import { privateKeyToAddress, sign } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { bytesToHex } from '../execution/bytes.ts'
import { envelopeSigner, signEnvelope } from './block-signature.ts'
import { CompressionError, MAX_MESSAGE_SIZE, pack, unpack } from './compression.ts'
import { blocksTopic, decodeMessage, encodeMessage, messageId } from './gossip-message.ts'
import { SIGNER, SIGNER_KEY } from './testing/memory-chain.ts'

const envelope = Uint8Array.from({ length: 1000 }, (_, i) => i % 7)

describe('a block signature', () => {
  it('is over keccak(zeros ‖ chain id ‖ keccak(envelope))', async () => {
    const digest = keccak256(concat([pad('0x'), pad(numberToHex(901)), keccak256(envelope)]))
    const expected = await sign({ hash: digest, privateKey: SIGNER_KEY })
    const signature = signEnvelope(901, envelope, SIGNER_KEY)
    expect(bytesToHex(signature.subarray(0, 64))).toBe(concat([expected.r, expected.s]))
    expect(signature[64]).toBe(expected.yParity)
  })

  it('names its signer, for this chain and these bytes only', () => {
    const signature = signEnvelope(901, envelope, SIGNER_KEY)
    expect(SIGNER).toBe(privateKeyToAddress(SIGNER_KEY).toLowerCase())
    expect(envelopeSigner(901, envelope, signature)).toBe(SIGNER)
    expect(envelopeSigner(902, envelope, signature)).not.toBe(SIGNER)
    expect(envelopeSigner(901, envelope.slice(1), signature)).not.toBe(SIGNER)
    expect(envelopeSigner(901, envelope, signature.slice(1))).toBeUndefined()
    expect(envelopeSigner(901, envelope, new Uint8Array(65).fill(255))).toBeUndefined()
  })
})

describe('a message', () => {
  it('comes back', () => {
    const signature = signEnvelope(901, envelope, SIGNER_KEY)
    const read = decodeMessage(encodeMessage(signature, envelope))
    expect(read.signature).toEqual(signature)
    expect(read.envelope).toEqual(envelope)
  })

  it('has the id of its unpacked content, with length and name of its topic', () => {
    const topic = blocksTopic(901)
    expect(topic).toBe('/optimism/901/3/blocks')
    const data = pack(envelope)
    const preimage = concat(['0x01000000', '0x1600000000000000', toHex(topic), toHex(envelope)])
    const expected = createHash('sha256')
      .update(Buffer.from(preimage.slice(2), 'hex'))
      .digest()
      .subarray(0, 20)
    expect(Buffer.from(messageId(topic, data)).equals(expected)).toBe(true)
  })

  it('that cannot be unpacked has an id of its own', () => {
    const topic = blocksTopic(901)
    const data = Uint8Array.of(0xff, 0xff)
    const preimage = concat(['0x00000000', '0x1600000000000000', toHex(topic), toHex(data)])
    const expected = createHash('sha256')
      .update(Buffer.from(preimage.slice(2), 'hex'))
      .digest()
      .subarray(0, 20)
    expect(Buffer.from(messageId(topic, data)).equals(expected)).toBe(true)
  })
})

describe('unpack', () => {
  const contents = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc
      .array(fc.constantFrom('function ', 'transfer(', 'address to', '\n', 'ab'), { maxLength: 400 })
      .map((words) => new TextEncoder().encode(words.join(''))),
  )

  it('gives back what was packed', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(unpack(pack(content))).toEqual(content)
      }),
    )
  })

  it('reads every kind of element', () => {
    // "abcd", copy 4 from 4 (one-byte offset), copy 3 from 1 (overlapping, two bytes), copy 2 from 11 (four bytes)
    const block = Uint8Array.of(13, 3 << 2, 97, 98, 99, 100, 0b001, 4, (2 << 2) | 2, 1, 0, (1 << 2) | 3, 11, 0, 0, 0)
    expect(new TextDecoder().decode(unpack(block))).toBe('abcdabcddddab')
    const long = new Uint8Array(63 + 3).fill(7)
    long.set([63, 60 << 2, 62])
    expect(unpack(long)).toEqual(new Uint8Array(63).fill(7))
  })

  it('refuses a bomb by its first bytes', () => {
    // Length 2³² − 1 in front of nothing.
    expect(() => unpack(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f))).toThrow('4294967295 bytes unpacked')
    expect(() => unpack(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x1f))).toThrow('no 32-bit number')
    expect(() => unpack(pack(new Uint8Array(MAX_MESSAGE_SIZE + 1)))).toThrow('at most')
    expect(unpack(pack(new Uint8Array(MAX_MESSAGE_SIZE))).length).toBe(MAX_MESSAGE_SIZE)
  })

  it('refuses a block cut anywhere, and copies from before the beginning', () => {
    const block = pack(envelope)
    for (let end = 0; end < block.length; end++) expect(() => unpack(block.slice(0, end))).toThrow(CompressionError)
    expect(() => unpack(Uint8Array.of(4, 0b001, 1))).toThrow('copies from 1 before byte 0')
    expect(() => unpack(Uint8Array.of(5, 0, 97, 0b001, 0))).toThrow('copies from 0 before byte 1')
    expect(() => unpack(Uint8Array.of(1, 1 << 2, 97, 98))).toThrow('more than the 1 bytes')
  })

  it('unpacks arbitrary bytes or throws a CompressionError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          unpack(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(CompressionError)
        }
      }),
    )
  })
})
