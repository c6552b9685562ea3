/**
 * `bench tps`: signed transfers and ERC-20 transfers through JSON-RPC, from the first batch sent to the last receipt served,
 * our node against anvil. The same signed transactions go to both, in batches over four connections; then a block is
 * asked for, and every receipt. Ours writes its state to disk within the time, anvil keeps it in memory.
 */
import type { Hex } from 'viem'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'
import { startAnvil, startOurs, type TpsContender } from './tps/contenders.ts'
import { play } from './tps/play.ts'
import { type Kind, signRounds } from './tps/workload.ts'

const ROUNDS = 5
/** Per account and round; 500 accounts. */
const PER_ACCOUNT = 4
/** Gas limits of 2 billion: the engine is measured, not the block's room. */
const GAS_LIMIT = 2_000_000_000
const MEASURED = ['transfer', 'erc-20'] as const satisfies Kind[]

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const rounds = signAll()
  const ours = await startOurs(GAS_LIMIT)
  const anvil = await startAnvil(GAS_LIMIT)
  try {
    printNote(`ours: ${ours.config}; peer: ${anvil.config}`, options)
    for (const contender of [ours, anvil]) await play(contender, rounds.fund)
    const results: BenchResult[] = []
    for (const metric of MEASURED) {
      const subject = { name: 'openledger', run: player(ours, rounds[metric]) }
      const peer = { name: 'anvil', run: player(anvil, rounds[metric]) }
      const result = await compare({ bench: 'tps', metric, unit: 'tx/s', rounds: ROUNDS, subject, peer })
      printResult(result, options)
      results.push(result)
    }
    return results
  } finally {
    await ours.stop()
    await anvil.stop()
  }
}

/** One round to fund the tokens, then for each metric a warm-up round and the measured ones. */
function signAll(): { fund: Hex[] } & Record<(typeof MEASURED)[number], Hex[][]> {
  const each = MEASURED.flatMap((kind) => Array.from({ length: ROUNDS + 1 }, () => ({ kind, perAccount: PER_ACCOUNT })))
  const [fund, ...rest] = signRounds([{ kind: 'fund', perAccount: 1 }, ...each])
  return { fund: fund!, transfer: rest.slice(0, ROUNDS + 1), 'erc-20': rest.slice(ROUNDS + 1) }
}

/** A run for each round of transactions, in order. */
function player(contender: TpsContender, rounds: Hex[][]): () => Promise<number> {
  const left = [...rounds]
  return async () => {
    const round = left.shift()
    if (round === undefined) throw new Error('no signed round is left')
    return round.length / (await seconds(() => play(contender, round)))
  }
}
