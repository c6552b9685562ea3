import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Wei } from '../genesis/units.ts'
import { entryWeights, splitByWeights, splitFee } from './shares.ts'

describe('splitByWeights', () => {
  it('gives the remainder by largest fraction, then lowest index', () => {
    expect(splitByWeights(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n])
    expect(splitByWeights(10n, [1n, 2n, 3n])).toEqual([2n, 3n, 5n])
    expect(splitByWeights(11n, [3n, 3n, 1n])).toEqual([5n, 5n, 1n])
  })

  it('gives all of the pool, each part within one wei of its exact share', () => {
    const weights = fc.array(fc.bigInt(0n, 1n << 60n), { minLength: 1, maxLength: 32 })
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 128n), weights, (pool, list) => {
        const total = list.reduce((sum, weight) => sum + weight, 0n)
        const parts = splitByWeights(pool, list)
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(total === 0n ? 0n : pool)
        parts.forEach((part, i) => {
          if (total === 0n) return
          const floor = (pool * list[i]!) / total
          expect(part === floor || part === floor + 1n).toBe(true)
        })
      }),
    )
  })

  it('gives nothing where no weight is above 0, and refuses negative ones', () => {
    expect(splitByWeights(10n, [0n, 0n])).toEqual([0n, 0n])
    expect(splitByWeights(10n, [])).toEqual([])
    expect(() => splitByWeights(10n, [-1n])).toThrow('-1')
    expect(() => splitByWeights(-1n, [1n])).toThrow('-1')
  })
})

describe('entryWeights', () => {
  it('is (raw − theta)·scale', () => {
    expect(entryWeights([{ raw: 30_000, scale: 7 }], 28_963n)).toEqual([(30_000n - 28_963n) * 7n])
  })
})

describe('splitFee', () => {
  const bps = { contributors: 4500n, modelOwner: 2000n, compute: 1500n, stakers: 1000n, curators: 500n, treasury: 500n }

  it('rounds every part down and gives the dust to the treasury', () => {
    expect(splitFee(Wei(101n), bps)).toEqual({
      contributors: 45n,
      modelOwner: 20n,
      compute: 15n,
      stakers: 10n,
      curators: 5n,
      treasury: 6n,
    })
  })

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 128n), (fee) => {
        const parts = Object.values(splitFee(Wei(fee), bps))
        expect(parts.reduce((sum: bigint, part) => sum + part, 0n)).toBe(fee)
      }),
    )
  })

  it('refuses a split of more than the whole', () => {
    expect(() => splitFee(Wei(100n), { ...bps, contributors: 9000n })).toThrow('10,000')
  })
})
