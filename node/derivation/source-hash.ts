/**
 * What makes each deposit's hash unique (specs.optimism.io, "Deposits", Source hash computation):
 *
 *   source hash = keccak(domain (32) ‖ keccak(L1 block hash (32) ‖ index (32)))
 */
import type { Hex } from 'viem'
import { keccak256 } from '../../protocol/keccak.ts'
import { bytesToHex, concatBytes, hexToBytes, wordBytes } from '../execution/bytes.ts'

/** `index`: of the log in its L1 block (user deposits), the sequence number (L1 attributes), 0 (maturing). */
export function sourceHash(domain: bigint, l1BlockHash: Hex, index: bigint): Hex {
  const inner = keccak256(concatBytes(hexToBytes(l1BlockHash), wordBytes(index)))
  return bytesToHex(keccak256(concatBytes(wordBytes(domain), inner)))
}
