import { describe, expect, it } from 'vitest'
import { lastWrite, writeNumberOperation } from './write-numbers.ts'

/** The ring after writes with these numbers. */
function ringOf(numbers: number[]): Uint8Array[] {
  const ring = new Map<string, Uint8Array>()
  for (const number of numbers) {
    const operation = writeNumberOperation(BigInt(number))
    if (operation.type === 'put') ring.set(operation.key.join(), operation.value)
  }
  return [...ring.values()]
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

describe('the numbers of writes', () => {
  it('are whole from the first to the last, and once the ring has gone round', () => {
    expect(lastWrite([])).toEqual({ last: 0n, missing: undefined })
    for (const last of [1, 5, 1023, 1024, 1025, 5_000])
      expect(lastWrite(ringOf(upTo(last)))).toEqual({ last: BigInt(last), missing: undefined })
  })

  it('tell of one that is missing before the last', () => {
    for (const [last, lost] of [
      [5, 4],
      [5, 1],
      [1024, 1],
      [5_000, 4_999],
      [5_000, 3_977],
    ] as const)
      expect(lastWrite(ringOf(upTo(last).filter((number) => number !== lost)))).toEqual({
        last: BigInt(last),
        missing: BigInt(lost),
      })
  })
})
