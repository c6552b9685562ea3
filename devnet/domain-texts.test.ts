import { describe, expect, it } from 'vitest'
import { nearCopy, QUESTIONS, smartContractTexts } from './domain-texts.ts'
import { sourceParts } from './source-parts.ts'

const decoder = new TextDecoder()

describe('the texts of the story', () => {
  const texts = smartContractTexts(1_000)

  it('are at least two hundred with the near-copies, all different, none too long for a transaction', () => {
    expect(texts.length + 12).toBeGreaterThanOrEqual(200)
    expect(new Set(texts.map(({ path }) => path)).size).toBe(texts.length)
    expect(new Set(texts.map(({ content }) => decoder.decode(content))).size).toBe(texts.length)
    for (const { path, content } of texts) expect(content.length, path).toBeLessThanOrEqual(4_500)
  })

  it('are the same ones first in a shorter story, or the short ones of them', () => {
    expect(smartContractTexts(24)).toEqual(texts.slice(0, 24))
    expect(smartContractTexts(24, 2_500)).toEqual(texts.filter(({ content }) => content.length <= 2_500).slice(0, 24))
  })

  it('hold each function that a question begins, by its name', () => {
    const short = smartContractTexts(24, 2_500)
    for (const [index, question] of QUESTIONS.entries()) {
      const [, kind, name] = /(function|modifier) (\w+)\(/.exec(question)!
      const all = (index < 3 ? short : texts).map(({ content }) => decoder.decode(content)).join('\n')
      expect(all).toContain(`${kind} ${name}(`)
    }
  })

  it('are different from their near-copies, of which each has one', () => {
    for (const text of texts) expect(nearCopy(text).content).not.toEqual(text.content)
  })
})

describe('a source in parts', () => {
  const members = [
    '    uint256 private _count; // not } a brace',
    "    /** Counts { up. */\n    function up() external {\n        if (_count == 0) { _count = 1; }\n        revert('}');\n    }",
    '    function down() external {\n        for (uint256 i = 0; i < 3; ++i) _count--;\n    }',
  ]
  const source = `pragma solidity ^0.8.20;\n\ncontract Counter {\n${members.join('\n\n')}\n}\n\nlibrary Small {}\n`

  it('is itself where it is short', () => {
    expect(sourceParts(source, 1_000)).toEqual([source.trim()])
  })

  it('is cut between members, never inside one', () => {
    const parts = sourceParts(source, 160)
    expect(parts.length).toBeGreaterThan(1)
    for (const member of members) expect(parts.filter((part) => part.includes(member))).toHaveLength(1)
    expect(parts.at(-1)).toContain('library Small {}')
    for (const part of parts) {
      expect(part.length).toBeLessThanOrEqual(160)
      expect(source).toContain(part)
    }
  })

  it('leaves out a member that is too long by itself', () => {
    const parts = sourceParts(source, 100)
    expect(parts.join('\n')).not.toContain('function up')
    expect(parts.join('\n')).toContain('function down')
  })
})
