/** `kill -9` on a real database: whatever was reported as committed and not taken back is there, whole. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLeft, runBuilding } from './testing/building-run.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { testConfig } from './testing/test-chain.ts'

const config = await testConfig(new MemoryL1(1_700_000_000n).head)

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'openledger-kill-'))
  try {
    await work(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Each starts processes, which takes seconds on a busy machine. */
const TIMEOUT = { timeout: 120_000 }

describe('a node killed at any moment', () => {
  it('opens with every block that it reported', TIMEOUT, async () => {
    await inDirectory(async (directory) => {
      for (const lines of [1, 9, 23]) {
        const { heads } = await runBuilding({ directory, until: (said) => said === lines })
        expect(heads.length).toBeGreaterThanOrEqual(lines)
        await checkLeft(config, directory, heads.at(-1))
      }
    })
  })
})

describe('a node whose disk is full', () => {
  it('stops with the reason, and opens with every block that it reported once there is room', TIMEOUT, async () => {
    await inDirectory(async (directory) => {
      const limited = await runBuilding({ directory, transfers: 20, fileLimit: 200 })
      expect(limited.code).toBe(1)
      expect(limited.errors).toMatch(
        /writing to the store failed \(.*\): make room on the disk .*, then restart the node/,
      )
      const left = await checkLeft(config, directory, limited.heads.at(-1))
      const { heads } = await runBuilding({ directory, until: (said) => said === 3 })
      expect(heads[0]).toEqual(left)
      await checkLeft(config, directory, heads.at(-1))
    })
  })
})
