/** `openledger replay FILE`: executes the block of a replay bundle again, from the bundle alone. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { type Replayed, replay } from '../node/chain/replay.ts'
import { parseReplayBundle, ReplayBundleError } from '../node/chain/replay-bundle.ts'
import { createLedger } from '../node/ledger/ledger.ts'
import { toHex } from '../protocol/hex.ts'
import { UserError } from './user-error.ts'

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'execute the block of a replay bundle again; exit code 1 where another result comes out than it records',
    )
    .argument('<file>', "a bundle out of a node's data directory, folder replay")
    .action(async (file: string) => {
      const replayed = await replayFile(file)
      console.log(JSON.stringify(replayed, plain, 2))
      if (!replayed.reproduced) process.exitCode = 1
    })
}

export async function replayFile(file: string): Promise<Replayed> {
  try {
    return await replay({ natives: createLedger() }, parseReplayBundle(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof ReplayBundleError) throw new UserError(`${file}: ${error.message}`)
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserError(`${file}: there is no such file`)
    throw error
  }
}

/** JSON has no undefined, big integers or bytes. */
function plain(_key: string, value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value === 'bigint') return value.toString()
  return value instanceof Uint8Array ? toHex(value) : value
}
