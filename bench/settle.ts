/**
 * `bench settle`: paid requests settled a second through JSON-RPC, from the first transaction sent to the last receipt
 * served, against ERC-20 transfers on the same node. Each transaction of the prover settles ten leaves of eight entries:
 * every check, the split of the fee, and some fifteen credits each. Afterwards all wei must be where they belong.
 */
import type { Hex } from 'viem'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'
import { Attribution, type PaidRound } from './settle/settlements.ts'
import { startOurs } from './tps/contenders.ts'
import { play } from './tps/play.ts'
import { signRounds } from './tps/workload.ts'

const ROUNDS = 5
/** ERC-20 transfers per account and round; 500 accounts. */
const PER_ACCOUNT = 2
const GAS_LIMIT = 2_000_000_000

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const [fund, ...transfers] = signRounds([
    { kind: 'fund', perAccount: 1 },
    ...Array.from({ length: ROUNDS + 1 }, () => ({ kind: 'erc-20' as const, perAccount: PER_ACCOUNT })),
  ])
  const node = await startOurs(GAS_LIMIT)
  try {
    printNote(`${node.config}; ten leaves of eight entries a transaction`, options)
    await play(node, fund!)
    const attribution = await Attribution.prepare(node)
    const rounds = await attribution.signRounds(ROUNDS + 1)
    const result = await compare({
      ...{ bench: 'settle', metric: 'requests', unit: 'per second', rounds: ROUNDS },
      subject: { name: 'settlements', run: next(rounds, ({ raws, leaves }) => rate(leaves, () => play(node, raws))) },
      peer: {
        name: 'ERC-20 transfers of the same node',
        run: next(transfers, (raws: Hex[]) => rate(raws.length, () => play(node, raws))),
      },
    })
    printResult(result, options)
    await attribution.check(rounds.reduce((sum, { leaves }) => sum + leaves, 0))
    return [result]
  } finally {
    await node.stop()
  }
}

const rate = async (count: number, work: () => Promise<void>): Promise<number> => count / (await seconds(work))

/** A run for each item, in order. */
function next<Item extends Hex[] | PaidRound>(items: readonly Item[], work: (item: Item) => Promise<number>) {
  const left = [...items]
  return async () => {
    const item = left.shift()
    if (item === undefined) throw new Error('no signed round is left')
    return work(item)
  }
}
