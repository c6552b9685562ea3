/** 0x0a: point evaluation of a blob's polynomial (EIP-4844), by c-kzg. */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { concatBytes, wordBytes } from '../bytes.ts'
import type { Precompile } from './precompile.ts'

const INPUT_BYTES = 192
const VERSION = 1
/** FIELD_ELEMENTS_PER_BLOB and BLS_MODULUS, which is what the precompile gives. */
const RESULT = concatBytes(
  wordBytes(4096n),
  wordBytes(0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n),
)

type Verify = (commitment: Uint8Array, z: Uint8Array, y: Uint8Array, proof: Uint8Array) => boolean

let loaded: Verify | undefined

/** c-kzg, with its trusted setup loaded (1.5 s) when a point evaluation first needs it. */
export function verifyPointEvaluation(...parts: Parameters<Verify>): boolean {
  if (loaded === undefined) {
    const kzg = createRequire(import.meta.url)('c-kzg') as typeof import('c-kzg')
    kzg.loadTrustedSetup(0)
    loaded = kzg.verifyKzgProof
  }
  return loaded(...parts)
}

/**
 *   versioned hash ‖ z ‖ y, 32 bytes each ‖ commitment ‖ proof, 48 bytes each
 */
export const pointEvaluation: Precompile = {
  gas: () => 50_000n,
  run(input) {
    if (input.length !== INPUT_BYTES) return undefined
    const commitment = input.subarray(96, 144)
    const hash = createHash('sha256').update(commitment).digest()
    hash[0] = VERSION
    if (!hash.equals(input.subarray(0, 32))) return undefined
    return holds(commitment, input) ? RESULT : undefined
  },
}

function holds(commitment: Uint8Array, input: Uint8Array): boolean {
  try {
    return verifyPointEvaluation(commitment, input.subarray(32, 64), input.subarray(64, 96), input.subarray(144, 192))
  } catch (error) {
    // An answer, not a fault: c-kzg throws where a field element or a point is not well formed.
    if (error instanceof Error) return false
    throw error
  }
}
