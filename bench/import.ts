/**
 * `bench import`: a verifier that executes a chain's blocks from disk again, senders recovered, its state written to another
 * disk database; transactions per second. The peer executes the same transactions, in blocks of Ethereum, by
 * @ethereumjs/vm's `runBlock` over @ethereumjs/mpt on level, and checks the same roots.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hexToBytes } from '../node/execution/bytes.ts'
import { EthereumjsImport } from './import/ethereumjs-import.ts'
import { OpenledgerImport } from './import/openledger-import.ts'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'
import { type Kind, signRounds } from './tps/workload.ts'

const ROUNDS = 3
/** Transactions to a block. */
const PER_BLOCK = 250
const MEASURED = ['transfer', 'erc-20'] as const satisfies Kind[]

/** A chain on disk, of which a verifier makes its own again and again. */
export interface ImportContender {
  name: string
  config: string
  /** Opens a verifier with a new database in this folder, which has block 0 alone. */
  open(folder: string): Promise<Verifier>
  close(): Promise<void>
}

export interface Verifier {
  /** Imports the whole chain. */
  import(): Promise<void>
  close(): Promise<void>
}

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const metric of MEASURED) {
    const folder = mkdtempSync(join(tmpdir(), 'openledger-bench-'))
    const blocks = signBlocks(metric)
    const ours: ImportContender = await OpenledgerImport.prepare(join(folder, 'ours'), blocks)
    const peer: ImportContender = await EthereumjsImport.prepare(join(folder, 'peer'), blocks)
    try {
      printNote(`ours: ${ours.config}; peer: ${peer.config}`, options)
      const [subject, other] = [ours, peer].map((contender) => ({
        name: contender.name,
        run: () => rate(contender, folder, blocks.flat().length),
      }))
      const result = await compare({
        bench: 'import',
        metric,
        unit: 'tx/s',
        rounds: ROUNDS,
        subject: subject!,
        peer: other!,
      })
      printResult(result, options)
      results.push(result)
    } finally {
      await ours.close()
      await peer.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return results
}

/** One transaction of each of 500 accounts, twice; tokens are wrapped before they are sent, which counts as well. */
function signBlocks(kind: Kind): Uint8Array[][] {
  const kinds = kind === 'transfer' ? [kind, kind] : (['fund', kind] as const)
  const raws = signRounds(kinds.map((kind) => ({ kind, perAccount: 1 })))
    .flat()
    .map(hexToBytes)
  const starts = Array.from({ length: raws.length / PER_BLOCK }, (_, index) => index * PER_BLOCK)
  return starts.map((start) => raws.slice(start, start + PER_BLOCK))
}

async function rate(contender: ImportContender, parent: string, transactions: number): Promise<number> {
  const folder = mkdtempSync(join(parent, 'import-'))
  const verifier = await contender.open(folder)
  const took = await seconds(() => verifier.import())
  await verifier.close()
  rmSync(folder, { recursive: true, force: true })
  return transactions / took
}
