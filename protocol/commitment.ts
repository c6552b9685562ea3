/** What a contributor commits to before showing the content: a copier in the mempool gains nothing. */
import type { Hex } from 'viem'
import type { Address } from '../genesis/addresses.ts'
import type { DatanetId } from '../genesis/units.ts'
import { hashWords } from './abi-words.ts'
import { toHex } from './hex.ts'

/** keccak(abi.encode(owner address, datanet uint64, contentHash bytes32, salt bytes32)). */
export function contributionCommitment(contribution: {
  owner: Address
  datanet: DatanetId | bigint
  contentHash: Hex
  salt: Hex
}): Hex {
  const { owner, datanet, contentHash, salt } = contribution
  return toHex(
    hashWords([{ address: owner }, { uint: datanet, bits: 64 }, { bytes32: contentHash }, { bytes32: salt }]),
  )
}
