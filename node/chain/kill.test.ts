/** `kill -9` on a real database: whatever was reported as committed and not taken back is there, whole. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openLevelStore } from '../store/level-store.ts'
import { MemoryL1 } from './testing/memory-l1.ts'
import { openNode, testConfig } from './testing/test-chain.ts'

const script = fileURLToPath(new URL('testing/building-process.ts', import.meta.url))

/** Runs the process until it has said so many lines, kills it, and gives all it said. */
async function runAndKill(directory: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (said.length === lines) child.kill('SIGKILL')
  }
  await exited
  return said
}

describe('a node killed at any moment', () => {
  it('opens with every block that it reported', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'chain-kill-'))
    const config = await testConfig(new MemoryL1(1_700_000_000n).head)
    try {
      for (const lines of [1, 4, 9, 23]) {
        const said = await runAndKill(directory, lines)
        expect(said.length).toBeGreaterThanOrEqual(lines)
        const store = await openLevelStore(directory)
        const { chain, state } = await openNode(config, { store })
        const head = chain.head('unsafe')
        expect(state.head).toEqual({ number: head.block.header.number, stateRoot: head.block.header.stateRoot })
        const [, number, hash] = said.at(-1)!.split(' ')
        // A reset after the last report may have taken the last two blocks back, and a block may have come unreported.
        expect(head.block.header.number).toBeGreaterThanOrEqual(BigInt(number!) - 2n)
        const held = await chain.blockByNumber(BigInt(number!))
        if (held !== undefined) expect(held.hash).toBe(hash)
        for (let at = head.block.header.number; at > 0n; at--) {
          const block = (await chain.blockByNumber(at))!
          expect(block.block.header.parentHash).toBe((await chain.blockByNumber(at - 1n))!.hash)
          expect(await chain.receipts(block.hash)).toHaveLength(block.block.transactions.length)
        }
        await store.close()
      }
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
