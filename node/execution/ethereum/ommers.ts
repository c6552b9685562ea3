/** Ommers: blocks that lost, named and paid by a block within six generations (yellow paper, 11.1 and 11.3). */
import type { Hex } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'
import type { EthereumBlock } from './block.ts'
import { brokenRule } from './block-rule.ts'
import { type EthereumHeader, ethereumHeaderHash } from './header.ts'

const MAX_OMMERS = 2
/** An ommer's parent is an ancestor at most this many generations up. */
export const OMMER_GENERATIONS = 7

/** A block's forebears, nearest first: at least {@link OMMER_GENERATIONS} of them where the chain is that long. */
export type Forebears = EthereumBlock[]

/** Throws {@link BrokenRuleError}. `checkOmmer` checks an ommer's header against its parent, as any header. */
export function checkOmmers(
  block: EthereumBlock,
  forebears: Forebears,
  checkOmmer: (parent: EthereumHeader, ommer: EthereumHeader) => void,
): void {
  const { ommers } = block
  if (ommers.length === 0) return
  if (ommers.length > MAX_OMMERS)
    throw brokenRule('TOO_MANY_UNCLES', `there may be ${MAX_OMMERS} ommers, got ${ommers.length}`)
  const generations = forebears.slice(0, OMMER_GENERATIONS)
  const ancestors = new Map(generations.map((ancestor) => [ancestor.hash, ancestor.header]))
  const named = new Set(generations.flatMap((ancestor) => ancestor.ommers.map(ethereumHeaderHash)))
  for (const [index, ommer] of ommers.entries()) {
    const hash = ethereumHeaderHash(ommer)
    checkStanding(`ommer ${index}`, hash, { named, ancestors, block })
    named.add(hash)
    const parent = ancestors.get(ommer.parentHash)
    if (parent === undefined || ommer.parentHash === block.header.parentHash) {
      const reason = `ommer ${index}: its parent must be an ancestor of the block's parent within ${OMMER_GENERATIONS - 1} generations`
      throw brokenRule('UNCLE_PARENT_INCORRECT', reason)
    }
    checkOmmer(parent, ommer)
  }
}

function checkStanding(
  name: string,
  hash: Hex,
  { named, ancestors, block }: { named: Set<Hex>; ancestors: Map<Hex, EthereumHeader>; block: EthereumBlock },
): void {
  if (named.has(hash)) throw brokenRule('UNCLE_IN_CHAIN', `${name}: ${hash} has been named before`)
  if (ancestors.has(hash) || hash === block.hash)
    throw brokenRule('UNCLE_IS_ANCESTOR', `${name}: ${hash} is the block's own ancestor`)
}

/** Wei for the block and its ommers: r, r/32 for each ommer named, and (8 − distance)/8 · r to whoever made it. */
export function rewards({ header, ommers }: EthereumBlock, reward: bigint): { to: Address; wei: bigint }[] {
  const ofOmmers = ommers.map(({ beneficiary, number }) => ({
    to: beneficiary,
    wei: ((8n + number - header.number) * reward) / 8n,
  }))
  return [...ofOmmers, { to: header.beneficiary, wei: reward + (BigInt(ommers.length) * reward) / 32n }]
}
