import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hadamard, lexicalVector, medianScale, quantiseQuery, queryFeature, rowFeature, seedSigns } from './lexical.ts'
import { cutWindows } from './manifest.ts'
import { buildRarity } from './ngrams.ts'
import { checkQuery } from './query.ts'
import { DIMS } from './row.ts'
import { rawScore, threshold } from './score.ts'
import { lexicalTokens, tokenIds } from './tokens.ts'

const SEED = 7n
const theta = Number(threshold(5n, DIMS))
const idsOf = (text: string | Uint8Array) =>
  tokenIds(lexicalTokens(typeof text === 'string' ? new TextEncoder().encode(text) : text))

describe('hadamard', () => {
  const sparse = fc.array(fc.tuple(fc.nat({ max: DIMS - 1 }), fc.integer({ min: -5000, max: 5000 })), { maxLength: 20 })
  const vectorOf = (pairs: [number, number][]) => {
    const vector = new Int32Array(DIMS)
    for (const [k, value] of pairs) vector[k] = value
    return vector
  }

  it('spreads one coordinate over all, with equal size', () => {
    const values = hadamard(vectorOf([[5, 300]]), SEED)
    expect(new Set(values.map(Math.abs))).toEqual(new Set([300]))
  })

  it('keeps inner products, times dims', () => {
    fc.assert(
      fc.property(sparse, sparse, (a, b) => {
        const dot = (x: Int32Array, y: Int32Array) =>
          x.reduce((sum, value, k) => sum + BigInt(value) * BigInt(y[k]!), 0n)
        const [x, y] = [vectorOf(a), vectorOf(b)]
        expect(dot(hadamard(x, SEED), hadamard(y, SEED))).toBe(BigInt(DIMS) * dot(x, y))
      }),
      { numRuns: 5 },
    )
  })

  it('is exact at the largest text that is allowed', () => {
    const signs = seedSigns(SEED)
    // All weight with the stream's own sign: the first coordinate of the transform is the whole sum.
    const each = Math.floor((2 ** 31 - 1) / DIMS)
    const vector = Int32Array.from({ length: DIMS }, (_, k) => ((signs[k >> 3]! >> (k & 7)) & 1 ? each : -each))
    expect(hadamard(vector, SEED)[0]).toBe(each * DIMS)
    expect(hadamard(vector, SEED)[1]).toBe(0)
  })
})

describe('quantiseQuery', () => {
  it('makes well-formed queries of vectors of any shape', () => {
    const shapes = fc.array(fc.tuple(fc.nat({ max: DIMS - 1 }), fc.integer({ min: -9000, max: 9000 })), {
      minLength: 1,
      maxLength: 60,
    })
    fc.assert(
      fc.property(shapes, fc.bigInt(0n, (1n << 64n) - 1n), (pairs, seed) => {
        const vector = new Int32Array(DIMS)
        for (const [k, value] of pairs) vector[k] = value
        const query = quantiseQuery(hadamard(vector, seed))
        if (query === undefined) expect(vector.every((value) => value === 0)).toBe(true)
        else expect(checkQuery(query)).toBeUndefined()
      }),
      { numRuns: 25 },
    )
  })

  it('meets the length even where rounding moves a quarter of all coordinates at once', () => {
    const vector = new Int32Array(DIMS)
    vector.set([100, 100, 100], 40)
    const query = quantiseQuery(hadamard(vector, SEED))!
    expect(checkQuery(query)).toBeUndefined()
    const squares = query.reduce((sum, value) => sum + value * value, 0)
    expect(squares - 1024 * DIMS).toBeGreaterThanOrEqual(0)
    expect(squares - 1024 * DIMS).toBeLessThan(254)
  })

  it('is void for nothing, and for a single spike that no gain can bring to length', () => {
    expect(quantiseQuery(new Int32Array(DIMS))).toBeUndefined()
    const spike = new Int32Array(DIMS)
    spike[0] = 1000
    expect(quantiseQuery(spike)).toBeUndefined()
  })
})

describe('the lexical feature on Solidity sources', () => {
  const root = new URL('../node_modules/@openzeppelin/contracts/', import.meta.url)
  const files = ['access', 'token', 'utils', 'governance']
    .flatMap((folder) => readdirSync(new URL(folder, root), { recursive: true }).map((name) => `${folder}/${name}`))
    .filter((name) => name.endsWith('.sol'))
    .sort()
    .filter((_, i) => i % 3 === 0)
  const windows = files.flatMap((file) => {
    const ids = idsOf(new Uint8Array(readFileSync(new URL(file, root))))
    return cutWindows(ids.length).map(({ start, end }) => ({ file, ids: ids.slice(start, end) }))
  })
  const rarity = buildRarity(windows.map(({ ids }) => ids))
  const rows = windows.map(({ ids }) => rowFeature(ids, rarity, SEED)!)
  const scoresOf = (ids: Uint32Array) => {
    const query = queryFeature(ids, rarity, SEED)!
    expect(checkQuery(query)).toBeUndefined()
    return rows.map(({ signs }) => rawScore(signs, query))
  }
  const whole = windows.map((_, i) => i).filter((i) => windows[i]!.ids.length === 512)
  const probes = whole.filter((_, i) => i % Math.ceil(whole.length / 6) === 0)

  it('scores a passage’s own row far above theta and most others below', () => {
    for (const probe of probes) {
      const raws = scoresOf(windows[probe]!.ids.slice(200, 260))
      expect(raws[probe]!).toBeGreaterThan(5 * theta)
      expect(raws.filter((raw) => raw > theta).length).toBeLessThan(rows.length / 4)
      expect(raws[probe]!).toBeGreaterThanOrEqual(Math.max(...raws) / 2)
    }
  })

  it('scores a near-copy like its original', () => {
    for (const probe of probes) {
      const copy = windows[probe]!.ids.slice()
      for (let at = 10; at < copy.length; at += 50) copy[at] = copy[at - 1]!
      const near = rowFeature(copy, rarity, SEED)!
      const query = queryFeature(windows[probe]!.ids.slice(200, 260), rarity, SEED)!
      const [mine, theirs] = [rawScore(rows[probe]!.signs, query), rawScore(near.signs, query)]
      expect(theirs / mine).toBeGreaterThan(0.8)
    }
  })

  it('finds what a short question is about, and nothing in words that no row has', () => {
    const raws = scoresOf(idsOf('How does a timelock controller schedule an operation?'))
    const rated = raws.map((raw, i) => ({ score: raw * rows[i]!.scale, raw, file: windows[i]!.file }))
    const best = rated.reduce((a, b) => (b.score > a.score ? b : a))
    expect(best.file).toContain('imelock')
    expect(best.raw).toBeGreaterThan(theta)
    expect(queryFeature(idsOf('zzyzx qwghlm'), rarity, SEED)).toBeUndefined()
    expect(rowFeature(new Uint32Array(), rarity, SEED)).toBeUndefined()
  })

  it('gives a text of one word a row that answers to that word', () => {
    const short = [idsOf('quokka'), idsOf('numbat'), idsOf('numbat quokka echidna')]
    const rare = buildRarity(short)
    const [quokka, numbat] = short.map((ids) => rowFeature(ids, rare, SEED)!)
    const query = queryFeature(short[0]!, rare, SEED)!
    expect(rawScore(quokka!.signs, query)).toBe(32 * DIMS)
    expect(Math.abs(rawScore(numbat!.signs, query))).toBeLessThan(theta)
  })

  it('has scales of the size of the text', () => {
    const scales = rows.map(({ scale }) => scale)
    expect(Math.min(...scales)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...scales)).toBeLessThan(4 * medianScale(scales))
    expect(lexicalVector(new Uint32Array(), rarity).some((value) => value !== 0)).toBe(false)
  })
})

describe('medianScale', () => {
  it('is the lower middle, and 0 of none', () => {
    expect(medianScale([4, 1, 3, 2])).toBe(2)
    expect(medianScale([9, 1, 5])).toBe(5)
    expect(medianScale([])).toBe(0)
  })
})
