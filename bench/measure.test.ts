import { describe, expect, it } from 'vitest'
import { compare, median } from './measure.ts'

describe('compare', () => {
  it('takes turns, swaps the order from round to round, and does not count the first one', async () => {
    const order: string[] = []
    const contender = (name: string, values: number[]) => {
      let at = 0
      return {
        name,
        run: () => {
          order.push(name)
          return values[at++]!
        },
      }
    }
    const result = await compare({
      bench: 'b',
      metric: 'm',
      unit: 'x/s',
      rounds: 3,
      subject: contender('subject', [1, 10, 30, 20]),
      peer: contender('peer', [1, 5, 10, 10]),
    })
    expect(order).toEqual(['subject', 'peer', 'subject', 'peer', 'peer', 'subject', 'subject', 'peer'])
    expect(result).toEqual({
      bench: 'b',
      metric: 'm',
      unit: 'x/s',
      value: 20,
      peer: 'peer',
      peerValue: 10,
      ratio: 2,
      runs: 3,
      spread: 0.5,
    })
  })
})

describe('median', () => {
  it('is the middle value, or the mean of the two middle ones', () => {
    expect(median([5, 1, 3])).toBe(3)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })
})
