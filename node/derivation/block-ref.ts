/** Where an L2 block stands, read from the block itself (op-node's L2BlockRef). */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { HashedBlock, L2BlockRef } from '../execution/block.ts'
import { l1InfoFromBlock } from './system-config.ts'

/** Throws a CriticalError where the block is not block 0 and has no L1 attributes. */
export function l2BlockRef(config: ChainConfig, { hash, block }: HashedBlock): L2BlockRef {
  const { number, parentHash, timestamp } = block.header
  const { l1 } = config.genesis
  if (number === 0n)
    return {
      hash,
      number,
      parentHash,
      timestamp,
      l1Origin: { hash: l1.hash, number: BigInt(l1.number) },
      sequenceNumber: 0n,
    }
  const info = l1InfoFromBlock(config, block)
  return {
    hash,
    number,
    parentHash,
    timestamp,
    l1Origin: { hash: info.hash, number: info.number },
    sequenceNumber: info.sequenceNumber,
  }
}
