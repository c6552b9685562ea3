/**
 * KZG commitments of blobs (EIP-4844) through c-kzg. Its trusted setup takes more than a second to load and is loaded
 * when first needed.
 *
 *   versioned hash = 0x01 ‖ sha256(commitment)[1..32]
 */
import { createHash } from 'node:crypto'
import cKzg from 'c-kzg'
import type { Hex } from 'viem'
import { bytesToHex } from '../execution/bytes.ts'

let isLoaded = false

/** The library with its trusted setup loaded (without precomputation: commitments are rare here). */
export function kzg(): typeof cKzg {
  if (!isLoaded) {
    cKzg.loadTrustedSetup(0)
    isLoaded = true
  }
  return cKzg
}

export function versionedHash(commitment: Uint8Array): Hex {
  const digest = createHash('sha256').update(commitment).digest()
  digest[0] = 1
  return bytesToHex(digest)
}

/** Throws an Error where the bytes are no blob of 4,096 field elements. */
export function blobVersionedHash(blob: Uint8Array): Hex {
  return versionedHash(kzg().blobToKzgCommitment(blob))
}
