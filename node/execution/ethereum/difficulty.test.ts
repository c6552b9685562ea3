import { describe, expect, it } from 'vitest'
import { ETHEREUM_RULES } from '../rules.ts'
import { type DifficultyParent, difficultyAfter } from './difficulty.ts'

const parent: DifficultyParent = { number: 1_000n, timestamp: 100n, difficulty: 2_048_000n, hasOmmers: false }

const childOf = (fork: 'frontier' | 'homestead' | 'byzantium' | 'grayGlacier', at: bigint, fields = {}) =>
  difficultyAfter(ETHEREUM_RULES[fork].difficulty!, { ...parent, ...fields }, at)

describe('difficulty before the merge', () => {
  it('rises or falls by one part in 2,048 at Frontier, whether 13 seconds have passed', () => {
    expect(childOf('frontier', 112n)).toBe(2_049_000n)
    expect(childOf('frontier', 113n)).toBe(2_047_000n)
    expect(childOf('frontier', 10_000n)).toBe(2_047_000n)
  })

  it('falls further the later the block, since Homestead (EIP-2)', () => {
    expect(childOf('homestead', 109n)).toBe(2_049_000n)
    expect(childOf('homestead', 119n)).toBe(2_048_000n)
    expect(childOf('homestead', 139n)).toBe(2_046_000n)
    expect(childOf('homestead', 100_000n)).toBe(2_048_000n - 99_000n)
  })

  it('rises with ommers, since Byzantium (EIP-100)', () => {
    expect(childOf('byzantium', 108n)).toBe(2_049_000n)
    expect(childOf('byzantium', 108n, { hasOmmers: true })).toBe(2_050_000n)
  })

  it('is never below 131,072', () => {
    expect(childOf('homestead', 100_000n, { difficulty: 131_072n })).toBe(131_072n)
  })

  it('doubles its bomb every 100,000 blocks, later the later the fork', () => {
    const number = 3_099_999n
    expect(childOf('homestead', 119n, { number })).toBe(2_048_000n + 2n ** 29n)
    expect(childOf('byzantium', 110n, { number, hasOmmers: false })).toBe(2_048_000n)
    expect(childOf('byzantium', 110n, { number: 3_199_999n })).toBe(2_048_001n)
    expect(childOf('grayGlacier', 110n, { number: 11_799_999n })).toBe(2_048_000n + 4n)
  })
})
