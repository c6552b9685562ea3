import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lexicalTokens, tokenIds } from './tokens.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const words = (text: string) =>
  lexicalTokens(bytes(text)).map(({ start, end }) => new TextDecoder().decode(bytes(text).slice(start, end)))

describe('lexicalTokens', () => {
  it('makes words of letters, digits, underscores and everything beyond ASCII, and single tokens of the rest', () => {
    expect(words('uint256 _x=3;')).toEqual(['uint256', '_x', '=', '3', ';'])
    expect(words('Größe, 数据!')).toEqual(['Größe', ',', '数据', '!'])
    expect(words('a\t\n\v\f\r b')).toEqual(['a', 'b'])
    expect(words(' \n')).toEqual([])
    expect(words('@[`{\u0000')).toEqual(['@', '[', '`', '{', '\u0000'])
  })

  it('takes upper-case ASCII for lower-case, and nothing else', () => {
    const id = (text: string) => lexicalTokens(bytes(text))[0]!.id
    expect(id('ERC20Permit')).toBe(id('erc20permit'))
    expect(id('É')).not.toBe(id('é'))
  })

  it('takes any bytes: ordered tokens that cover everything but white space', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
        const tokens = lexicalTokens(content)
        let at = 0
        for (const { start, end } of tokens) {
          expect([...content.slice(at, start)].every((byte) => byte === 32 || (byte >= 9 && byte <= 13))).toBe(true)
          expect(end).toBeGreaterThan(start)
          at = end
        }
        expect([...tokenIds(tokens)]).toEqual(tokens.map((token) => token.id))
      }),
    )
  })
})
