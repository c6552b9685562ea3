import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToHex } from '../execution/bytes.ts'
import { decodeBlob, encodeBlob, MAX_BLOB_DATA } from './blob.ts'
import { MalformedError } from './malformed.ts'

describe('data in a blob', () => {
  it('is at most 130,044 bytes', () => {
    expect(MAX_BLOB_DATA).toBe(130_044)
    expect(() => encodeBlob(new Uint8Array(MAX_BLOB_DATA + 1))).toThrow(RangeError)
  })

  it('is the same after encoding and decoding, whatever its length', () => {
    const lengths = fc.oneof(fc.nat(600), fc.constantFrom(MAX_BLOB_DATA, MAX_BLOB_DATA - 1, 123, 124, 250, 251))
    fc.assert(
      fc.property(lengths, fc.nat(255), (length, seed) => {
        const data = Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 17 + (index >> 7)) & 0xff)
        expect(Buffer.compare(decodeBlob(encodeBlob(data)), data)).toBe(0)
      }),
      { numRuns: 40 },
    )
  })

  it('keeps the top two bits of every field element 0', () => {
    const blob = encodeBlob(new Uint8Array(MAX_BLOB_DATA).fill(0xff))
    for (let at = 0; at < blob.length; at += 32) expect(blob[at]! & 0xc0).toBe(0)
  })

  it('starts with version 0 and the length', () => {
    const blob = encodeBlob(Uint8Array.of(0xaa, 0xbb))
    expect(bytesToHex(blob.subarray(0, 8))).toBe('0x0000000002aabb00')
  })

  it('is refused where it is not the one encoding of its bytes', () => {
    const blob = encodeBlob(Uint8Array.of(1, 2, 3))
    const changed = (at: number, value: number) => Uint8Array.from(blob, (byte, index) => (index === at ? value : byte))
    expect(() => decodeBlob(changed(0, 0x40))).toThrow(/254 bits/)
    expect(() => decodeBlob(changed(1, 1))).toThrow(/version 1/)
    expect(() => decodeBlob(changed(2, 0xff))).toThrow(/above 130044/)
    expect(() => decodeBlob(changed(131_071, 1))).toThrow(/after its 3 bytes/)
    expect(() => decodeBlob(blob.subarray(1))).toThrow(MalformedError)
  })
})
