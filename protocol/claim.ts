/**
 * What a settlement credited, in the form that undoes it (docs/protocol.md, "Challenges"): the chain keeps its
 * hash, a log its bytes, and who challenges brings them back. It also keeps the parameters that the leaf was
 * checked by, because they may change before it is challenged.
 *
 *     lane u8 ‖ maturesAt u64 ‖ thresholdZ u16 ‖ maxEntries u16 ‖ maxScaleFactor u16 ‖
 *     count u16 ‖ count × (kind u8 ‖ id 20 ‖ amount u128)                                         big endian
 */
import type { Hex } from 'viem'
import { ByteReader, ByteWriter } from './byte-cursor.ts'
import { toHex } from './hex.ts'
import { keccak256 } from './keccak.ts'

/** One amount that waits for a target: its kind and its id. */
export type ClaimCredit = { kind: number; id: bigint; amount: bigint }

export type Claim = {
  /** In which of a target's two buckets the credits lie. */
  lane: bigint
  /** Seconds. */
  maturesAt: bigint
  thresholdZ: bigint
  maxEntries: number
  maxScaleFactor: bigint
  credits: readonly ClaimCredit[]
}

export function encodeClaim(claim: Claim): Uint8Array {
  const writer = new ByteWriter()
    .uint(claim.lane, 1)
    .uint(claim.maturesAt, 8)
    .uint(claim.thresholdZ, 2)
    .uint(claim.maxEntries, 2)
    .uint(claim.maxScaleFactor, 2)
    .uint(claim.credits.length, 2)
  for (const { kind, id, amount } of claim.credits) writer.uint(kind, 1).uint(id, 20).uint(amount, 16)
  return writer.finish()
}

/** Inverse of {@link encodeClaim}. Throws RangeError on anything that it would not write. */
export function decodeClaim(bytes: Uint8Array): Claim {
  const reader = new ByteReader(bytes)
  const head = {
    lane: reader.uint(1),
    maturesAt: reader.uint(8),
    thresholdZ: reader.uint(2),
    maxEntries: reader.number(2),
    maxScaleFactor: reader.uint(2),
  }
  const credits = Array.from({ length: reader.number(2) }, () => ({
    kind: reader.number(1),
    id: reader.uint(20),
    amount: reader.uint(16),
  }))
  reader.end()
  return { ...head, credits }
}

export function claimHash(encoded: Uint8Array): Hex {
  return toHex(keccak256(encoded))
}
