import { describe, expect, it } from 'vitest'
import { PIECE_PATTERN } from './byte-pair-vocabulary.ts'
import { asksUnicode, patternObjection } from './tokenizer-pattern.ts'

const raw = String.raw
const GPT_2 = raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
const LLAMA_3 = raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
const TEKKEN = raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t)?|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+`
const DEEPSEEK = raw`\s?[!-/:-~！-／：-～‘-‟　-。]+`

describe('a pattern of a tokenizer', () => {
  it.each([
    ['ours', PIECE_PATTERN],
    ['GPT-2', GPT_2],
    ['LLaMA 3', LLAMA_3],
    ["Mistral's Tekken", TEKKEN],
    ['DeepSeek', DEEPSEEK],
    ['of a literal', raw`\(\[\*\+\?`],
    ['with lazy and possessive repeats', 'a+?b++c?'],
  ])('%s may run', (_, pattern) => {
    expect(patternObjection(pattern)).toBeUndefined()
  })

  it.each([
    ['(a+)+', 'repeats a group'],
    ['(?:a|aa)*b', 'repeats a group'],
    ['(a|b){2,}', 'repeats a group'],
    ['(a){30}', 'repeats a group'],
    [raw`(a)\1`, 'refers back to a group'],
    [raw`(?<n>a)\k<n>`, 'refers back to a group'],
    ['a*a*a*b', 'has more than 2 unbounded repeats in an alternative'],
    ['a*(b|a*)(a*|c)', 'has more than 2 unbounded repeats in an alternative'],
    ['a{1,9}*', 'repeats a repeat'],
    ['a?*', 'repeats a repeat'],
    ['a{5000}', 'repeats more than 1000 times'],
    ['('.repeat(17), 'is nested deeper than 16'],
    ['a'.repeat(20_000), 'is longer than 16384 characters'],
  ])('%.30s may not run', (pattern, objection) => {
    expect(patternObjection(pattern)).toBe(objection)
  })

  it('asks Unicode tables by properties, by classes of letters, digits and spaces, and by folding case', () => {
    for (const pattern of [GPT_2, LLAMA_3, raw`\w`, raw`\s`, raw`\d`, raw`\b`, '[[:alpha:]]', '(?i:a)']) {
      expect(asksUnicode(pattern)).toBe(true)
    }
    for (const pattern of [PIECE_PATTERN, '[a-z]+', raw`\\d`, raw`\n\x20`]) expect(asksUnicode(pattern)).toBe(false)
  })
})
