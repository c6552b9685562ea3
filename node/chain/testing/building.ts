/** Building blocks on a chain in tests, as a sequencer would. */
import type { Hex } from 'viem'
import type { ChainConfig } from '../../../genesis/chain-config.ts'
import { prepareAttributes } from '../../derivation/attributes.ts'
import type { HashedBlock } from '../../execution/block.ts'
import type { L1Source } from '../../l1/source.ts'
import type { Chain } from '../chain.ts'

/** The next block on the unsafe head, with these transactions after its deposits. */
export async function buildOn(
  { config, l1, chain }: { config: ChainConfig; l1: L1Source; chain: Chain },
  transactions: Uint8Array[] = [],
  origin?: { hash: Hex; number: bigint },
): Promise<HashedBlock> {
  const parent = chain.headRef('unsafe')
  const systemConfig = await chain.systemConfigOf(parent.number)
  const prepared = await prepareAttributes({ config, l1 }, parent, systemConfig, origin ?? parent.l1Origin)
  return chain.build(parent, { ...prepared, transactions: [...prepared.transactions, ...transactions] })
}
