import { describe, expect, it } from 'vitest'
import { decodeFeature, encodeFeature, FEATURE_BYTES, queryFault, rowFault } from './feature-tolerance.ts'
import { DIMS, SIGN_BYTES } from './row.ts'

const signs = Uint8Array.from({ length: SIGN_BYTES }, (_, at) => (at * 37) & 255)
/** The signs with the first `count` turned. */
const turned = (count: number) => signs.map((byte, at) => byte ^ ((1 << Math.min(8, Math.max(0, count - 8 * at))) - 1))
const query = Int8Array.from({ length: DIMS }, (_, k) => (k % 64) - 32)
const moved = (count: number, by = 1) => query.map((each, k) => (k < count ? each + by : each))

describe('a committed row', () => {
  it('may differ in one sign of 64, and no more', () => {
    expect(rowFault({ scale: 100, signs: turned(512) }, { scale: 100, signs })).toBeUndefined()
    expect(rowFault({ scale: 100, signs: turned(513) }, { scale: 100, signs })).toMatch('513 of its 32768 signs')
  })

  it('may differ by 1 % of the recomputed scale', () => {
    for (const scale of [99, 101]) expect(rowFault({ scale, signs }, { scale: 100, signs })).toBeUndefined()
    for (const scale of [98, 102]) expect(rowFault({ scale, signs }, { scale: 100, signs })).toMatch('its scale')
  })

  it('is void where the recomputed one is', () => {
    const nothing = { scale: 0, signs: new Uint8Array(SIGN_BYTES) }
    expect(rowFault(nothing, nothing)).toBeUndefined()
    expect(rowFault({ scale: 1, signs }, nothing)).toMatch('is void')
    expect(rowFault(nothing, { scale: 1, signs })).toMatch('is not void')
  })

  it('is read back from its bytes', () => {
    const bytes = encodeFeature({ scale: 0x1234, signs })
    expect(bytes.length).toBe(FEATURE_BYTES)
    expect(decodeFeature(bytes)).toEqual({ scale: 0x1234, signs })
    expect(() => decodeFeature(bytes.subarray(1))).toThrow(RangeError)
  })
})

describe('a committed query', () => {
  it('may differ by 1 in one coordinate of 64, and no more', () => {
    expect(queryFault(moved(512), query)).toBeUndefined()
    expect(queryFault(moved(513), query)).toMatch('513 of its 32768')
    expect(queryFault(moved(1, 2), query)).toMatch('its coordinate 0')
  })

  it('is void where the recomputed one is', () => {
    const nothing = new Int8Array(0)
    expect(queryFault(nothing, nothing)).toBeUndefined()
    expect(queryFault(query, nothing)).toMatch('is void')
    expect(queryFault(nothing, query)).toMatch('is not void')
  })
})
