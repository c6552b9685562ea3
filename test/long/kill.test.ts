/**
 * A process that builds blocks as fast as it can, killed with -9 a hundred times at moments that a seed chooses: no head without
 * its state, no block lost that was reported, and everything whole each time.
 *
 * KILLS and SEED in the environment run it shorter, or otherwise.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkLeft, runBuilding, type Said } from '../../node/chain/testing/building-run.ts'
import { MemoryL1 } from '../../node/chain/testing/memory-l1.ts'
import { testConfig } from '../../node/chain/testing/test-chain.ts'

const KILLS = Number(process.env.KILLS ?? 100)
const SEED = Number(process.env.SEED ?? 20_260_101)

/** mulberry32: numbers below 1 from a seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Some turns of the event loop: the kill falls anywhere between a line and the next. */
async function turns(count: number): Promise<true> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
  return true
}

it(`a node killed ${KILLS} times under load opens whole each time`, { timeout: 7_200_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'openledger-kills-'))
  const config = await testConfig(new MemoryL1(1_700_000_000n).head)
  const random = randomFrom(SEED)
  let last: Said | undefined
  try {
    for (let kill = 1; kill <= KILLS; kill++) {
      const lines = 1 + Math.floor(random() * 30)
      const pause = Math.floor(random() ** 2 * 3_000)
      const transfers = 1 + Math.floor(random() * 60)
      const until = (said: number) => said === lines && turns(pause)
      const { heads } = await runBuilding({ directory, transfers, history: 40, until })
      if (last !== undefined) expect(heads[0], `kill ${kill} of seed ${SEED}`).toEqual(last)
      last = await checkLeft(config, directory, heads.at(-1))
      if (kill % 10 === 0) console.log(`${kill} kills, head ${last.number}`)
    }
  } finally {
    await rm(directory, { recursive: true })
  }
})
