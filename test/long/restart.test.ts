/**
 * A chain of 100,000 blocks on disk opens by reading a few records, and follows L1 on. The reads are what is checked; the time,
 * which should be below 2 s, is printed. BLOCKS in the environment builds another length.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { extendChain, openingReads } from '../../node/chain/testing/long-chain.ts'
import { MemoryL1 } from '../../node/chain/testing/memory-l1.ts'
import { openNode, testConfig } from '../../node/chain/testing/test-chain.ts'
import { openLevelStore } from '../../node/store/level-store.ts'

const BLOCKS = BigInt(process.env.BLOCKS ?? 100_000)
const STEP = BLOCKS / 10n

it(`a chain of ${BLOCKS} blocks opens in a few reads`, { timeout: 7_200_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'openledger-restart-'))
  try {
    const l1 = new MemoryL1(1_700_000_000n)
    const config = await testConfig(l1.head)
    const built = await openLevelStore(directory)
    const { chain } = await openNode(config, { store: built })
    for (let number = STEP; number <= BLOCKS; number += STEP) {
      const start = performance.now()
      await extendChain({ config, l1, chain }, number)
      console.log(`${number} blocks: ${((performance.now() - start) / Number(STEP)).toFixed(2)} ms each`)
    }
    await chain.close()
    await built.close()

    const start = performance.now()
    const store = await openLevelStore(directory)
    const opened = performance.now()
    const reads = await openingReads({ config, l1 }, store)
    const followed = performance.now()
    await store.close()
    console.log(
      `the store opened in ${Math.round(opened - start)} ms, the chain with its follower in ${Math.round(followed - opened)} ms; reads: ${reads.opened} to open, ${reads.followed} with L1 followed`,
    )
    expect(reads).toMatchObject({ unsafe: BLOCKS, safe: BLOCKS - 20n })
    expect(reads.opened).toBeLessThan(20)
    expect(reads.followed).toBeLessThan(200)
  } finally {
    await rm(directory, { recursive: true })
  }
})
