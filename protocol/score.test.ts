import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkQuery, queryHash } from './query.ts'
import { DIMS } from './row.ts'
import { rawScore, threshold } from './score.ts'

describe('rawScore', () => {
  it('adds a coordinate where its bit is set, least significant first, and takes it away elsewhere', () => {
    expect(rawScore(Uint8Array.of(0b00000101), Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toBe(
      1 + 3 - 2 - 4 - 5 - 6 - 7 - 8,
    )
  })

  it('changes its sign with all signs flipped', () => {
    const pair = fc
      .integer({ min: 1, max: 40 })
      .chain((size) =>
        fc.tuple(
          fc.uint8Array({ minLength: size, maxLength: size }),
          fc.int8Array({ min: -127, minLength: 8 * size, maxLength: 8 * size }),
        ),
      )
    fc.assert(
      fc.property(pair, ([signs, query]) => {
        const flipped = signs.map((byte) => ~byte & 0xff)
        expect(rawScore(flipped, query) + rawScore(signs, query)).toBe(0)
      }),
    )
  })

  it('stays below 2²² at 32,768 dimensions', () => {
    expect(rawScore(new Uint8Array(DIMS / 8).fill(0xff), new Int8Array(DIMS).fill(127))).toBe(127 * DIMS)
    expect(127 * DIMS).toBeLessThan(2 ** 22)
  })
})

describe('threshold', () => {
  it('is ⌊z·32·√dims⌋', () => {
    expect(threshold(5n, 32_768)).toBe(28_963n)
    expect(threshold(1n, 4)).toBe(64n)
  })
})

describe('checkQuery', () => {
  it('accepts a mean square of 1024 within 2 %', () => {
    expect(checkQuery(new Int8Array(DIMS).fill(32))).toBeUndefined()
    expect(checkQuery(new Int8Array(DIMS).fill(33))).toContain('not within 2 %')
    expect(checkQuery(new Int8Array(DIMS).fill(31))).toContain('not within 2 %')
    const edge = new Int8Array(100).fill(32)
    edge.fill(0, 98)
    expect(checkQuery(edge, 100)).toBeUndefined()
    edge.fill(0, 97)
    expect(checkQuery(edge, 100)).toContain('not within 2 %')
  })

  it('refuses −128 and another number of coordinates', () => {
    const query = new Int8Array(DIMS).fill(32)
    query[5] = -128
    expect(checkQuery(query)).toBe('query coordinate 5 is -128, the least allowed is -127')
    expect(checkQuery(new Int8Array(8))).toContain('8 coordinates')
  })

  it('is hashed by its bytes, whatever buffer it lies in', () => {
    const part = new Int8Array(Int8Array.of(9, 1, -1, 9).buffer, 1, 2)
    expect(queryHash(part)).toBe(queryHash(Int8Array.of(1, -1)))
  })
})
