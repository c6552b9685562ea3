/**
 * Fills the gap between our head and a signed block that came by gossip: walks back from it by height, and takes
 * only blocks whose hash the block above names. So nothing that peers answer has to be trusted.
 */
import type { HashedBlock } from '../execution/block.ts'

/** Longest gap, in blocks; a longer one is left to derivation from L1. */
export const MAX_GAP = 512n
/** Most bytes of transactions that are held while walking. */
const MAX_GAP_BYTES = 64 * 2 ** 20
/** Blocks asked for at once. */
const AT_ONCE = 8n

export type Ancestors = { kind: 'complete'; blocks: HashedBlock[] } | { kind: 'incomplete'; reason: string }

/**
 * Blocks above height `head` and below `block`, lowest first.
 * `request` resolves with candidates for a height, from any number of peers; it never rejects.
 */
export async function fetchAncestors(
  block: HashedBlock,
  head: bigint,
  request: (height: bigint) => Promise<HashedBlock[]>,
): Promise<Ancestors> {
  const number = block.block.header.number
  if (number - head - 1n > MAX_GAP)
    return { kind: 'incomplete', reason: `${number - head - 1n} blocks are missing, too many to ask peers for` }
  const blocks: HashedBlock[] = []
  let child = block
  let bytes = 0
  for (let height = number - 1n; height > head; height -= AT_ONCE) {
    const heights: bigint[] = []
    for (let below = height; below > head && below > height - AT_ONCE; below--) heights.push(below)
    const answers = await Promise.all(heights.map(request))
    for (const [i, candidates] of answers.entries()) {
      const parentHash = child.block.header.parentHash
      const parent = candidates.find(({ hash }) => hash === parentHash)
      if (parent === undefined)
        return { kind: 'incomplete', reason: `no peer has block ${heights[i]} with hash ${parentHash}` }
      bytes += parent.block.transactions.reduce((sum, transaction) => sum + transaction.length, 0)
      if (bytes > MAX_GAP_BYTES)
        return { kind: 'incomplete', reason: `the missing blocks hold more than ${MAX_GAP_BYTES} bytes` }
      blocks.push(parent)
      child = parent
    }
  }
  return { kind: 'complete', blocks: blocks.reverse() }
}
