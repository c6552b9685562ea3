/** What derivation asks of L2's own chain, up to the safe head. node/chain answers. */
import type { SystemConfig } from '../../genesis/chain-config.ts'
import type { L2BlockRef } from '../execution/block.ts'

export interface L2View {
  /** Throws where the canonical chain has no such block. */
  blockRef(number: bigint): Promise<L2BlockRef>
  /** System config in force in that block (see {@link systemConfigFromBlock}). */
  systemConfigOf(number: bigint): Promise<SystemConfig>
}
