import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trainBytePairs } from '../train/bpe-trainer.ts'
import { bytePairTokenizer } from './byte-pair-tokenizer.ts'
import { cutPieces, encodeVocabulary } from './byte-pair-vocabulary.ts'
import { loadTokenizer } from './tokenizer.ts'

const TEXT = `contract Token {
    mapping(address => uint256) private _balances; // naïve: 日本
    function balanceOf(address account) public view returns (uint256) {
        return _balances[account];
    }
}
`
const VOCABULARY = trainBytePairs([TEXT, TEXT], { vocabSize: 360, specials: ['<|end|>', '<|end|> of all'] })
const tokenizer = bytePairTokenizer(VOCABULARY)

describe('pieces', () => {
  it('are words, numbers and signs with the space before them, and white space without its last', () => {
    expect(cutPieces('if (x1 >= 1000) {\n    return  ok;')).toEqual([
      ...['if', ' (', 'x', '1', ' >=', ' 100', '0', ')', ' {'],
      ...['\n   ', ' return', ' ', ' ok', ';'],
    ])
  })

  it('take every other code point for a letter, and never look at a Unicode table', () => {
    expect(cutPieces('naïve été\u00a0日本')).toEqual(['naïve', ' été\u00a0日本'])
  })

  it('are the text, joined', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(cutPieces(text).join('')).toBe(text)
      }),
    )
  })
})

describe('our own tokenizer', () => {
  it('gives back every well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.toWellFormed())
      }),
    )
  })

  it('takes the text of a special token for plain text unless told otherwise', () => {
    expect([...tokenizer.encode('<|end|>')]).not.toContain(0)
    expect([...tokenizer.encode('<|end|>', { specials: true })]).toEqual([0])
    expect([...tokenizer.encode('<|end|> of all', { specials: true })]).toEqual([1])
    expect(tokenizer.decode([0, ...tokenizer.encode('a')])).toBe('a')
  })

  it('encodes an empty text as nothing', () => {
    expect(tokenizer.encode('')).toHaveLength(0)
    expect(tokenizer.decode([])).toBe('')
  })

  it('shows a character that was cut as U+FFFD', () => {
    const ids = tokenizer.encode('語')
    expect(tokenizer.decode(ids.subarray(0, 1))).toBe('\ufffd')
  })

  it('refuses ids that are none', () => {
    expect(() => tokenizer.decode([tokenizer.vocabSize])).toThrow(RangeError)
    expect(() => tokenizer.decode([-1])).toThrow(RangeError)
    expect(() => tokenizer.decode([0.5])).toThrow(RangeError)
  })

  it('takes time in proportion to the text, whatever stands in it', () => {
    for (const run of ['a', ' ', '(', '1', '\n', 'é']) {
      const text = run.repeat(300_000)
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    }
  })

  it('comes back from its file', async () => {
    const read = await loadTokenizer(encodeVocabulary(VOCABULARY))
    expect(read.encode(TEXT)).toEqual(tokenizer.encode(TEXT))
    expect(read.specialIds).toEqual(tokenizer.specialIds)
    expect(read.vocabSize).toBe(360)
    expect(read.hostUnicode).toBeUndefined()
  })
})
