/** Runs building-process.ts for crash tests, and holds what it left on the disk to what it said. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { ChainConfig } from '../../../genesis/chain-config.ts'
import { openLevelStore } from '../../store/level-store.ts'
import { checkDatabase } from '../database-check.ts'
import { openNode } from './test-chain.ts'

const script = fileURLToPath(new URL('building-process.ts', import.meta.url))

export type BuildingRun = {
  directory: string
  transfers?: number
  /** Blocks before the head whose state is kept; all where absent. */
  history?: number
  /** KiB that a file may have: what is written beyond fails, as on a full disk. */
  fileLimit?: number
  /** Called with the number of each line; kills the process once it resolves to true. */
  until?: (lines: number) => Promise<boolean> | boolean
}

export type Said = { number: bigint; hash: string }

/** Resolves when the process has ended, with its heads as it said them. */
export async function runBuilding(run: BuildingRun): Promise<{ heads: Said[]; code: number | null; errors: string }> {
  const { directory, transfers = 1, history, fileLimit, until } = run
  const args = [script, directory, String(transfers), ...(history === undefined ? [] : [String(history)])]
  const limited = ['-c', `trap '' XFSZ; ulimit -f ${fileLimit}; exec "$0" "$@"`, process.execPath, ...args]
  const [command, given] = fileLimit === undefined ? [process.execPath, args] : ['bash', limited]
  const child = spawn(command, given, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const errors = text(child.stderr)
  const heads: Said[] = []
  let killed = false
  for await (const line of createInterface({ input: child.stdout })) {
    const [, number, hash] = line.split(' ')
    heads.push({ number: BigInt(number!), hash: hash! })
    if (killed || until === undefined || !(await until(heads.length))) continue
    child.kill('SIGKILL')
    killed = true
  }
  return { heads, code: await ended, errors: await errors }
}

/**
 * Opens what the process left: everything must be whole, and its head the last one that was said, or what a step after it
 * would make, which was not said any more: a block more, or two taken back.
 */
export async function checkLeft(config: ChainConfig, directory: string, last: Said | undefined): Promise<Said> {
  const store = await openLevelStore(directory)
  try {
    const { chain, state } = await openNode(config, { store })
    const { hash, block } = chain.head('unsafe')
    const { number, stateRoot, parentHash } = block.header
    expect(state.head).toEqual({ number, stateRoot })
    await checkDatabase(store)
    if (last !== undefined && hash !== last.hash && parentHash !== last.hash)
      expect(number, `head after ${last.number}`).toBe(last.number - 2n)
    return { number, hash }
  } finally {
    await store.close()
  }
}
