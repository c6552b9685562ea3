/**
 * What a challenger commits to before the challenge shows its proof (docs/protocol.md, "Challenges"), so that nobody
 * who reads the mempool takes its reward: a challenge needs a commitment of its sender's from an earlier block.
 */
import type { Hex } from 'viem'
import type { Address } from '../genesis/addresses.ts'
import { hashWords } from './abi-words.ts'
import { toHex } from './hex.ts'

/** keccak(abi.encode(challenger address, subject bytes32, salt bytes32)); the subject is a request's id, or {@link sameSubject}. */
export function challengeCommitment(challenge: { challenger: Address; subject: Hex; salt: Hex }): Hex {
  const { challenger, subject, salt } = challenge
  return toHex(hashWords([{ address: challenger }, { bytes32: subject }, { bytes32: salt }]))
}

/** The subject of a challenge that two rows are the same: keccak(abi.encode(version uint64, one uint32, other uint32)). */
export function sameSubject(version: bigint, one: number, other: number): Hex {
  return toHex(
    hashWords([
      { uint: version, bits: 64 },
      { uint: one, bits: 32 },
      { uint: other, bits: 32 },
    ]),
  )
}
