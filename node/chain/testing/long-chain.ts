/** Chains of many small blocks, followed as a node follows them, for tests of what opening reads. */
import type { ChainConfig } from '../../../genesis/chain-config.ts'
import { attributesOf } from '../../execution/execute-block.ts'
import type { Store } from '../../store/store.ts'
import { CountingStore } from '../../store/testing/counting-store.ts'
import type { Chain } from '../chain.ts'
import { L1Follower } from '../follower.ts'
import { buildOn } from './building.ts'
import type { MemoryL1 } from './memory-l1.ts'
import { openNode } from './test-chain.ts'

/** L2 blocks to an L1 block. */
const TO_AN_ORIGIN = 6n
/** How far the safe head stays behind. */
const UNSAFE = 20n

export type LongChain = { config: ChainConfig; l1: MemoryL1; chain: Chain }

/** Blocks with deposits only, up to a number; L1 goes along, and all but the last blocks are safe as L1's. */
export async function extendChain({ config, l1, chain }: LongChain, to: bigint): Promise<void> {
  for (let number = chain.headRef('unsafe').number + 1n; number <= to; number++) {
    const origin = number % TO_AN_ORIGIN === 0n ? l1.mine() : l1.head
    await buildOn({ config, l1, chain }, [], origin)
    const safe = chain.headRef('safe')
    if (number - safe.number <= UNSAFE) continue
    const { block } = (await chain.blockByNumber(safe.number + 1n))!
    await chain.deriveSafe({ attributes: attributesOf(block), parent: safe, derivedFrom: l1.head })
  }
}

export type OpeningReads = {
  /** What StateDatabase and Chain read. */
  opened: number
  /** With what the follower read until it had seen all of L1. */
  followed: number
  unsafe: bigint
  safe: bigint
}

/** Opens the chain of a store as a node does, follows L1 to its end, and counts what was read. */
export async function openingReads(
  modules: { config: ChainConfig; l1: MemoryL1 },
  inner: Store,
): Promise<OpeningReads> {
  const store = new CountingStore(inner)
  const reads = () => store.gets + store.entries
  const { chain } = await openNode(modules.config, { store })
  const opened = reads()
  const follower = new L1Follower({ ...modules, chain })
  const idle = new Promise<void>((resolve, reject) => {
    follower.onEvent((event) => {
      if (event.kind === 'idle') resolve()
      if (event.kind === 'failed') reject(event.error)
      const isFault = event.kind === 'waiting' || (event.kind === 'reset' && event.reason !== 'start')
      if (isFault) reject(new Error(`${event.kind}: ${event.reason}`))
    })
  })
  follower.start()
  try {
    await idle
  } finally {
    await follower.stop()
  }
  return { opened, followed: reads(), unsafe: chain.headRef('unsafe').number, safe: chain.headRef('safe').number }
}
