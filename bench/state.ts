/**
 * `bench state`: 10,000 account updates and the new root, on disk, over 1,000,000 accounts, ours against @ethereumjs/mpt on
 * level. Both take the same updates in turns and must come to the same root. Ours writes flat accounts, Merkle nodes and the
 * block's history; the peer its Merkle nodes only, through a checkpoint, as its own state manager does.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'
import { accountsFrom, updatesOf } from './state/accounts.ts'
import { MptOnLevel } from './state/mpt-on-level.ts'
import { OurState } from './state/our-state.ts'

export type StateScale = {
  accounts: number
  /** Accounts that each block of the growth adds. */
  perBlock: number
  updates: number
  rounds: number
}

const SCALE: StateScale = { accounts: 1_000_000, perBlock: 20_000, updates: 10_000, rounds: 5 }

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  return runAt(SCALE, options)
}

export async function runAt(scale: StateScale, options: BenchOptions): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-state-'))
  try {
    const ours = await OurState.open(join(folder, 'ours'))
    const peer = await MptOnLevel.open(join(folder, 'peer'))
    try {
      await grow(ours, scale, options)
      const copying = await seconds(() => peer.copy(ours))
      printNote(`the peer's trie of ${scale.accounts} accounts written in ${copying.toFixed(1)} s`, options)
      const result = await compareUpdates(ours, peer, scale)
      printResult(result, options)
      return [result]
    } finally {
      await ours.close()
      await peer.close()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A block after another of new accounts; says how fast each tenth was, and so whether size slows it down. */
async function grow(ours: OurState, { accounts, perBlock }: StateScale, options: BenchOptions): Promise<void> {
  const tenth = accounts / 10
  for (let from = 0; from < accounts; from += tenth) {
    const duration = await seconds(async () => {
      for (let at = from; at < from + tenth; at += perBlock) await ours.update(accountsFrom(at, perBlock))
    })
    const rate = Math.round(tenth / duration)
    printNote(`grown to ${from + tenth} accounts, blocks of ${perBlock}: ${rate} accounts/s`, options)
  }
}

async function compareUpdates(ours: OurState, peer: MptOnLevel, scale: StateScale): Promise<BenchResult> {
  const { accounts, updates, rounds } = scale
  const roots: [string[], string[]] = [[], []]
  const contender = (name: string, state: OurState | MptOnLevel, own: string[]) => ({
    name,
    run: async () => {
      const round = updatesOf(accounts, updates, own.length)
      const duration = await seconds(async () => own.push(await state.update(round)))
      return updates / duration
    },
  })
  const result = await compare({
    bench: 'state',
    metric: `${updates} account updates and the root over ${accounts} accounts`,
    unit: 'updates/s',
    rounds,
    subject: contender('openledger', ours, roots[0]),
    peer: contender('@ethereumjs/mpt on level', peer, roots[1]),
  })
  if (roots[0].join() !== roots[1].join()) throw new Error('ours and the peer came to different roots')
  return result
}
