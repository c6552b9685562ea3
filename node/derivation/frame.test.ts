import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToHex } from '../execution/bytes.ts'
import { MAX_FRAME_LEN } from './constants.ts'
import { decodeFrames, encodeFrames, type Frame } from './frame.ts'
import { MalformedError } from './malformed.ts'

const frames = fc.array(
  fc.record({
    channel: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(bytesToHex),
    number: fc.nat(0xffff),
    data: fc.uint8Array({ maxLength: 300 }),
    isLast: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
)
const sample: Frame = { channel: `0x${'ab'.repeat(16)}`, number: 258, data: Uint8Array.of(7, 8, 9), isLast: true }

describe('frames', () => {
  it('lie in a payload as the specification draws them', () => {
    expect(bytesToHex(encodeFrames([sample]))).toBe(`0x00${'ab'.repeat(16)}010200000003070809${'01'}`)
  })

  it('are the same after encoding and decoding', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const decoded = decodeFrames(encodeFrames(list))
        expect(decoded.map((frame) => ({ ...frame, data: bytesToHex(frame.data) }))).toEqual(
          list.map((frame) => ({ ...frame, data: bytesToHex(frame.data) })),
        )
      }),
    )
  })

  it('of any bytes decode or are refused as malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const payload = Uint8Array.of(0, ...bytes)
        try {
          expect(bytesToHex(encodeFrames(decodeFrames(payload)))).toBe(bytesToHex(payload))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      }),
    )
  })

  it('are refused all together where one is cut off', () => {
    const payload = encodeFrames([sample, sample])
    for (let length = 1; length < payload.length; length++) {
      if (length === 27) continue // exactly one whole frame
      expect(() => decodeFrames(payload.subarray(0, length))).toThrow(MalformedError)
    }
    expect(decodeFrames(payload.subarray(0, 27))).toHaveLength(1)
  })

  it('are refused with an unknown version, a wrong end mark, and data over the limit', () => {
    const payload = encodeFrames([sample])
    expect(() => decodeFrames(Uint8Array.of(1, ...payload.subarray(1)))).toThrow(/version 1/)
    expect(() => decodeFrames(Uint8Array.of(...payload.subarray(0, -1), 2))).toThrow(/is_last 2/)
    const large = encodeFrames([{ ...sample, data: new Uint8Array(MAX_FRAME_LEN + 1) }])
    expect(() => decodeFrames(large)).toThrow(/above 1000000/)
  })
})
