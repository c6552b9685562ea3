import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bandKeys, MINHASH_SIZE, matchingValues, minhash } from './minhash.ts'

const source = new Uint8Array(readFileSync(new URL('./minhash.ts', import.meta.url)))

/** Exact Jaccard similarity of two contents' sets of 8-shingles. */
function jaccard(a: Uint8Array, b: Uint8Array): number {
  const shingles = (content: Uint8Array) =>
    new Set(Array.from({ length: content.length - 7 }, (_, i) => content.slice(i, i + 8).join()))
  const [left, right] = [shingles(a), shingles(b)]
  let both = 0
  for (const shingle of left) if (right.has(shingle)) both++
  return both / (left.size + right.size - both)
}

describe('minhash', () => {
  it('agrees in all values for equal contents and in hardly any for unrelated ones', () => {
    expect(matchingValues(minhash(source), minhash(source.slice()))).toBe(MINHASH_SIZE)
    const other = new Uint8Array(
      readFileSync(new URL('../node_modules/@openzeppelin/contracts/package.json', import.meta.url)),
    )
    expect(matchingValues(minhash(source), minhash(other))).toBeLessThan(4)
  })

  it('estimates the Jaccard similarity of a near-copy', () => {
    const copy = source.slice()
    for (let at = 40; at < copy.length; at += 160) copy[at] = copy[at]! ^ 1
    const estimate = matchingValues(minhash(source), minhash(copy)) / MINHASH_SIZE
    expect(Math.abs(estimate - jaccard(source, copy))).toBeLessThan(0.2)
    expect(bandKeys(minhash(copy)).some((key) => bandKeys(minhash(source)).includes(key))).toBe(true)
  })

  it('of a whole is the element-wise least of chunks that overlap by 7 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 90 }), fc.integer({ min: 8, max: 20 }), (content, cut) => {
        const [head, tail] = [minhash(content.slice(0, cut)), minhash(content.slice(cut - 7))]
        expect(minhash(content)).toEqual(head.map((value, i) => Math.min(value, tail[i]!)))
      }),
    )
  })

  it('takes contents shorter than a shingle, and none', () => {
    expect(minhash(new Uint8Array())).toEqual(new Uint32Array(32).fill(0xffffffff))
    expect(minhash(Uint8Array.of(1))).not.toEqual(minhash(Uint8Array.of(2)))
  })
})

describe('bandKeys', () => {
  it('names 8 bands, each by its own four values and its place', () => {
    const values = minhash(source)
    const keys = bandKeys(values)
    expect(new Set(keys).size).toBe(8)
    const changed = values.slice()
    changed[5] = changed[5]! ^ 1
    const differs = bandKeys(changed).map((key, band) => key !== keys[band])
    expect(differs).toEqual([false, true, false, false, false, false, false, false])
    expect(new Set(bandKeys(new Uint32Array(32))).size).toBe(8)
    expect(() => bandKeys(new Uint32Array(31))).toThrow('31')
  })
})
