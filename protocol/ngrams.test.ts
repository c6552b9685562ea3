import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildRarity, countNgrams, decodeRarity, encodeRarity, MAX_TEXT_TOKENS, weighNgrams } from './ngrams.ts'

const texts = fc.array(
  fc.array(fc.nat({ max: 5 }), { maxLength: 20 }).map((ids) => Uint32Array.from(ids)),
  { maxLength: 8 },
)

describe('countNgrams', () => {
  it('counts words, pairs and triples', () => {
    const counts = [...countNgrams(Uint32Array.of(7, 8, 7, 8)).values()]
    // 7, 8 | 7 8, 8 7 | 7 8 7, 8 7 8
    expect(counts).toEqual([2, 2, 2, 1, 1, 1])
  })

  it('refuses a text that would leave int32', () => {
    expect(() => countNgrams(new Uint32Array(MAX_TEXT_TOKENS + 1))).toThrow('65537 tokens')
    expect(3 * MAX_TEXT_TOKENS * 8191).toBeLessThan(2 ** 31)
  })
})

describe('buildRarity', () => {
  it('does not depend on the order of the windows', () => {
    fc.assert(
      fc.property(texts, (windows) => {
        expect(buildRarity([...windows].reverse())).toEqual(buildRarity(windows))
      }),
    )
  })

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(texts, (windows) => {
        expect(decodeRarity(encodeRarity(buildRarity(windows)))).toEqual(buildRarity(windows))
      }),
    )
  })

  it('is refused with bytes missing, keys out of order or impossible counts', () => {
    const bytes = encodeRarity({ windows: 2, keys: Uint32Array.of(1, 2), counts: Uint32Array.of(1, 2) })
    expect(() => decodeRarity(bytes.slice(1))).toThrow(RangeError)
    expect(() =>
      decodeRarity(encodeRarity({ windows: 2, keys: Uint32Array.of(2, 2), counts: Uint32Array.of(1, 1) })),
    ).toThrow('rarity key 1')
    expect(() =>
      decodeRarity(encodeRarity({ windows: 2, keys: Uint32Array.of(1), counts: Uint32Array.of(3) })),
    ).toThrow('rarity count 0 is 3')
    const lying = bytes.slice()
    lying.fill(0xff, 4, 8)
    expect(() => decodeRarity(lying)).toThrow(RangeError)
  })
})

describe('weighNgrams', () => {
  const common = Uint32Array.of(1)
  const windows = [common, common, common, Uint32Array.of(1, 2)]
  const rarity = buildRarity(windows)

  it('weighs the rare above the common, and the unknown not at all', () => {
    const weightOf = (id: number) => [...weighNgrams(Uint32Array.of(id), rarity).values()][0] ?? 0
    // log2(5/4) and log2(5/1), in 1/256
    expect([weightOf(1), weightOf(2), weightOf(3)]).toEqual([82, 594, 0])
  })

  it('lets repetition help by its logarithm only', () => {
    const [weight] = weighNgrams(Uint32Array.of(2, 2, 2, 2), rarity).values()
    expect(weight).toBe(3 * 594)
  })
})
