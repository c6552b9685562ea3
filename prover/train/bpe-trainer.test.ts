import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytePairTokenizer } from '../model/byte-pair-tokenizer.ts'
import { cutPieces, sizeOf, tokenBytes } from '../model/byte-pair-vocabulary.ts'
import { trainBytePairs } from './bpe-trainer.ts'

const TEXTS = [
  'function transfer(address to, uint256 value) public returns (bool) {\n    return true;\n}\n',
  'function approve(address spender, uint256 value) public returns (bool) {\n    return true;\n}\n',
  'aaaaaaaaa aaaa aaaaaaa aaaaaa aaaaa été naïve 日本語 日本 1234567 0x00ff 0x00ff',
]

/** The definition, without any bookkeeping: count all pairs anew for every merge. */
function trainPlainly(texts: string[], vocabSize: number, firstByte: number): [number, number][] {
  const pieces = texts
    .flatMap(cutPieces)
    .map((piece) => Array.from(new TextEncoder().encode(piece), (b) => firstByte + b))
  const merges: [number, number][] = []
  while (firstByte + 256 + merges.length < vocabSize) {
    const counts = new Map<string, number>()
    for (const ids of pieces) {
      for (let i = 0; i + 1 < ids.length; i++) {
        const key = `${ids[i]} ${ids[i + 1]}`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
    const pairs = [...counts].map(([key, count]) => ({ pair: key.split(' ').map(Number) as [number, number], count }))
    pairs.sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
    const best = pairs[0]
    if (!best || best.count < 2) break
    const made = firstByte + 256 + merges.length
    merges.push(best.pair)
    for (const ids of pieces) {
      for (let i = 0; i + 1 < ids.length; i++) {
        if (ids[i] === best.pair[0] && ids[i + 1] === best.pair[1]) ids.splice(i, 2, made)
      }
    }
  }
  return merges
}

describe('the byte-pair trainer', () => {
  it('joins the most frequent pair first, and of equals the one with the lowest ids', () => {
    // Of the pairs, " c" (32, 99) stands four times; then "ab" (97, 98) three times; then " " + "ab" (32, 257) as "cd"
    // twice.
    const { merges } = trainBytePairs(['ab ab ab cd cd ce ce'], { vocabSize: 259, specials: [] })
    expect(merges).toEqual([
      [32, 99],
      [97, 98],
      [32, 257],
    ])
  })

  it('makes what counting anew after every merge makes', () => {
    const { merges } = trainBytePairs(TEXTS, { vocabSize: 420, specials: ['<|end|>'] })
    expect(merges).toEqual(trainPlainly(TEXTS, 420, 1))
  })

  it('makes that from any text', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '(', '1', 'é'), maxLength: 60 })
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 6 }), (texts) => {
        const { merges } = trainBytePairs(texts, { vocabSize: 290, specials: [] })
        expect(merges).toEqual(trainPlainly(texts, 290, 0))
      }),
      { numRuns: 60 },
    )
  })

  it('does not depend on the order of the texts', () => {
    const options = { vocabSize: 400, specials: ['<|end|>'] }
    expect(trainBytePairs(TEXTS.toReversed(), options)).toEqual(trainBytePairs(TEXTS, options))
  })

  it('never spells two tokens alike', () => {
    const vocabulary = trainBytePairs(TEXTS, { vocabSize: 500, specials: ['<|end|>'] })
    const spellings = tokenBytes(vocabulary).map((bytes) => bytes.join())
    expect(new Set(spellings).size).toBe(sizeOf(vocabulary))
  })

  it('keeps tokens within their length, and stops where no pair is frequent enough', () => {
    const short = trainBytePairs(TEXTS, { vocabSize: 2048, specials: [], maxTokenBytes: 4 })
    expect(Math.max(...tokenBytes(short).map((bytes) => bytes.length))).toBe(4)
    expect(sizeOf(trainBytePairs(['abc'], { vocabSize: 2048, specials: [] }))).toBe(256)
  })

  it('makes texts shorter than their bytes', () => {
    const vocabulary = trainBytePairs(TEXTS, { vocabSize: 400, specials: [] })
    const ids = bytePairTokenizer(vocabulary).encode(TEXTS[0]!)
    expect(ids.length).toBeLessThan(TEXTS[0]!.length / 2)
  })

  it.each([
    [{ vocabSize: 256, specials: ['<|end|>'] }, /vocabSize: must be from 257/],
    [{ vocabSize: 300, specials: ['end'] }, /plain text may become "end"/],
    [{ vocabSize: 300, specials: ['<|a|>', '<|a|>'] }, /one stands twice/],
  ])('refuses %j', (options, message) => {
    expect(() => trainBytePairs(TEXTS, options)).toThrow(message)
  })
})
