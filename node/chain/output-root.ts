/**
 * Output roots (specs.optimism.io, "L2 output root proposals", version 0):
 *
 *   keccak256( version 32 | stateRoot 32 | storage root of L2ToL1MessagePasser 32 | block hash 32 )
 *
 * Since Isthmus the header's withdrawalsRoot holds the third word, so a header is enough.
 */
import { bytesToHex, concat, type Hex, hexToBytes } from 'viem'
import { keccak256 } from '../../protocol/keccak.ts'
import type { HashedBlock } from '../execution/block.ts'

export const OUTPUT_VERSION: Hex = `0x${'00'.repeat(32)}`

export function outputRoot({ hash, block }: HashedBlock): Hex {
  const preimage = concat([OUTPUT_VERSION, block.header.stateRoot, block.header.withdrawalsRoot, hash])
  return bytesToHex(keccak256(hexToBytes(preimage)))
}
