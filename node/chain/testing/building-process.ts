/**
 * A process for crash tests: builds blocks on a LevelDB as fast as it can, makes every third safe, throws some away, and
 * says each on stdout after it was committed, until somebody kills it or the disk fails:
 *
 *   head <number> <hash>      a block was built, or the chain went back to this one
 *
 *   node building-process.ts <directory> [transfers in each block] [window of history]
 */
import type { HashedBlock } from '../../execution/block.ts'
import { openLevelStore } from '../../store/level-store.ts'
import { buildOn } from './building.ts'
import { MemoryL1 } from './memory-l1.ts'
import { openNode, testConfig, transfer } from './test-chain.ts'

const [directory, transfers = '1', history] = process.argv.slice(2)
if (directory === undefined) throw new Error('usage: building-process.ts <directory> [transfers] [history]')

const l1 = new MemoryL1(1_700_000_000n)
const config = await testConfig(l1.head)
const window = history === undefined ? {} : { history: BigInt(history) }
// A small write buffer, so that there are files and compactions, too, not only a log.
const store = await openLevelStore(directory, { writeBufferSize: 256 * 1024 })
const { chain } = await openNode(config, { store, ...window })
const SENDER = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf'

const say = ({ hash, block }: HashedBlock) => process.stdout.write(`head ${block.header.number} ${hash}\n`)

say(chain.head('unsafe'))
for (;;) {
  const parent = chain.headRef('unsafe')
  const first = Number(chain.headState().account(SENDER)?.nonce ?? 0n)
  const load = Array.from({ length: Number(transfers) }, (_, i) => transfer({ nonce: first + i, to: 1 + (i % 3) }))
  say(await buildOn({ config, l1, chain }, await Promise.all(load)))
  if (parent.number % 3n === 2n) await chain.setHead('safe', parent)
  if (parent.number % 7n !== 6n) continue
  await chain.resetTo(parent.number - 1n)
  say(chain.head('unsafe'))
}
