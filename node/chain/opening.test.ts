/** Opening reads a few records, however long the chain is (test/long/restart.test.ts: 100,000 blocks). */
import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../store/memory-store.ts'
import { extendChain, openingReads } from './testing/long-chain.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { openNode, testConfig } from './testing/test-chain.ts'

describe('opening a chain', () => {
  it('reads as much of a long one as of a short one', { timeout: 120_000 }, async () => {
    const l1 = new MemoryL1(1_700_000_000n)
    const config = await testConfig(l1.head)
    const store = new MemoryStore()
    const { chain } = await openNode(config, { store })
    await extendChain({ config, l1, chain }, 300n)
    const short = await openingReads({ config, l1 }, store)
    expect(short).toMatchObject({ unsafe: 300n, safe: 280n })
    await extendChain({ config, l1, chain }, 900n)
    const long = await openingReads({ config, l1 }, store)
    expect(long).toMatchObject({ unsafe: 900n, safe: 880n })
    expect(long.opened).toBe(short.opened)
    expect(long.opened).toBeLessThan(20)
    // Two more where halving the blocks takes two more steps, of two reads each.
    expect(long.followed - short.followed).toBeLessThanOrEqual(4)
    expect(long.followed).toBeLessThan(200)
  })
})
