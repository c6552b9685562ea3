/**
 * A process for crash tests: builds blocks on a LevelDB as fast as it can, makes every third safe, throws some away, and
 * says each on stdout after it was committed (`head <number> <hash>`), until somebody kills it.
 *
 *   node building-process.ts <directory>
 */
import { prepareAttributes } from '../../derivation/attributes.ts'
import { openLevelStore } from '../../store/level-store.ts'
import { MemoryL1 } from './memory-l1.ts'
import { openNode, testConfig, transfer } from './test-chain.ts'

const directory = process.argv[2]
if (directory === undefined) throw new Error('usage: building-process.ts <directory>')

const l1 = new MemoryL1(1_700_000_000n)
const config = await testConfig(l1.head)
const { chain } = await openNode(config, { store: await openLevelStore(directory) })

for (;;) {
  const parent = chain.headRef('unsafe')
  const prepared = await prepareAttributes(
    { config, l1 },
    parent,
    await chain.systemConfigOf(parent.number),
    parent.l1Origin,
  )
  const sender = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf'
  const raw = await transfer({ nonce: Number(chain.headState().account(sender)?.nonce ?? 0n) })
  const block = await chain.build(parent, { ...prepared, transactions: [...prepared.transactions, raw] })
  process.stdout.write(`head ${block.block.header.number} ${block.hash}\n`)
  if (parent.number % 3n === 2n) await chain.setHead('safe', parent)
  if (parent.number % 7n === 6n) await chain.resetTo(parent.number - 1n)
}
