/** 0x01 ECRECOVER, 0x02 SHA2-256, 0x03 RIPEMD-160, 0x04 IDENTITY (Yellow Paper, appendix E). */
import { createHash } from 'node:crypto'
import { keccak256 } from '../../../protocol/keccak.ts'
import { bytesToUint, EMPTY_BYTES } from '../bytes.ts'
import { recoverPublicKey } from '../signature.ts'
import { type Precompile, padded, words } from './precompile.ts'

/**
 *   digest 32 bytes ‖ v as a word, 27 or 28 ‖ r 32 bytes ‖ s 32 bytes  ->  the address as a word, or nothing
 */
export const ecrecover: Precompile = {
  gas: () => 3_000n,
  run(input) {
    const v = bytesToUint(padded(input, 32, 32))
    if (v !== 27n && v !== 28n) return EMPTY_BYTES
    const [r, s] = [bytesToUint(padded(input, 64, 32)), bytesToUint(padded(input, 96, 32))]
    const key = recoverPublicKey(padded(input, 0, 32), { yParity: Number(v - 27n), r, s })
    return key === undefined ? EMPTY_BYTES : keccak256(key).fill(0, 0, 12)
  },
}

export const sha256: Precompile = {
  gas: (input) => 60n + 12n * words(input),
  run: (input) => new Uint8Array(createHash('sha256').update(input).digest()),
}

/** The hash's 20 bytes at the end of a word. */
export const ripemd160: Precompile = {
  gas: (input) => 600n + 120n * words(input),
  run(input) {
    const word = new Uint8Array(32)
    word.set(createHash('ripemd160').update(input).digest(), 12)
    return word
  },
}

export const identity: Precompile = {
  gas: (input) => 15n + 3n * words(input),
  run: (input) => input,
}
