import { describe, expect, it } from 'vitest'
import { answerFee } from './price.ts'

describe('the fee of an answer', () => {
  it('is tokens by price per thousand, rounded up', () => {
    expect(answerFee({ prompt: 10, output: 100 }, { pricePer1kIn: 1_000n, pricePer1kOut: 3_000n })).toBe(310n)
    expect(answerFee({ prompt: 1, output: 0 }, { pricePer1kIn: 1n, pricePer1kOut: 0n })).toBe(1n)
    expect(answerFee({ prompt: 0, output: 0 }, { pricePer1kIn: 1n, pricePer1kOut: 1n })).toBe(0n)
  })
})
