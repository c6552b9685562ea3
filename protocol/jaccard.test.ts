import { expect, it } from 'vitest'
import { jaccardBps } from './jaccard.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

it.each([
  ['abcdefgh', 'abcdefgh', 10_000],
  ['abcdefghi', 'abcdefgh', 5_000],
  ['abcdefgh', 'ABCDEFGH', 0],
  ['abc', 'abc\0', 10_000],
  // Three shingles and five, two of them in both: two of six.
  ['0123456789', '123456789abc', 3_333],
])('of %j and %j is %d basis points', (a, b, expected) => {
  expect(jaccardBps(bytes(a), bytes(b))).toBe(expected)
  expect(jaccardBps(bytes(b), bytes(a))).toBe(expected)
})
