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

/** What challenge 4 is about, besides a request's query: a row of a version, or one block of its curvature. */
export const FEATURE_KIND = { query: 1, row: 2, curvature: 3 } as const

/** The block that stands for a version's whole curvature. */
export const WHOLE_CURVATURE = 0xffff_ffff

/** The subject of a challenge of a version's row or curvature block: keccak(abi.encode(kind uint8, version uint64, index uint32)). */
export function featureSubject(kind: 2 | 3, version: bigint, index: number): Hex {
  return toHex(
    hashWords([
      { uint: kind, bits: 8 },
      { uint: version, bits: 64 },
      { uint: index, bits: 32 },
    ]),
  )
}

/**
 * What a seat's holder commits to before it shows its vote: keccak(abi.encode(round uint64, vectorHash bytes32, salt bytes32,
 * voter address)). The address keeps others from committing the same and showing it after.
 */
export function seatCommitment(vote: { round: bigint; vectorHash: Hex; salt: Hex; voter: Address }): Hex {
  const { round, vectorHash, salt, voter } = vote
  return toHex(hashWords([{ uint: round, bits: 64 }, { bytes32: vectorHash }, { bytes32: salt }, { address: voter }]))
}
