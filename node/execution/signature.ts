/** secp256k1 recovery through the native library: about 17,000 signatures a second where plain JavaScript does 700. */
import secp256k1 from 'secp256k1'
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { bytesToAddress, wordBytes } from './bytes.ts'
import type { Signature } from './transaction.ts'

/** Order of the curve (SEC 2, section 2.4.1). */
export const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const HALF_ORDER = SECP256K1_ORDER / 2n

/** EIP-2: of the two signatures of a message only the one with the lower s is valid in a transaction. */
export function isLowS(s: bigint): boolean {
  return s <= HALF_ORDER
}

/**
 * The 64-byte public key whose owner signed the 32-byte digest, or undefined where no key did.
 * High s is accepted, as by the ECRECOVER precompile.
 */
export function recoverPublicKey(digest: Uint8Array, { yParity, r, s }: Signature): Uint8Array | undefined {
  if (yParity !== 0 && yParity !== 1) return undefined
  if (r <= 0n || r >= SECP256K1_ORDER || s <= 0n || s >= SECP256K1_ORDER) return undefined
  const compact = new Uint8Array(64)
  compact.set(wordBytes(r), 0)
  compact.set(wordBytes(s), 32)
  try {
    return secp256k1.ecdsaRecover(compact, yParity, digest, false).subarray(1)
  } catch (error) {
    // The library throws where r is no point's coordinate: not a fault, an answer.
    if (error instanceof Error) return undefined
    throw error
  }
}

/** The signer's address, or undefined where the signature is nobody's. */
export function recoverAddress(digest: Uint8Array, signature: Signature): Address | undefined {
  const key = recoverPublicKey(digest, signature)
  return key && bytesToAddress(keccak256(key).subarray(12))
}

/** The signer by a signature of 65 bytes, r ‖ s ‖ v, v 27 or 28 (or 0 or 1); undefined where it is nobody's, or of another length. */
export function recoverSigner(digest: Uint8Array, signature: Hex): Address | undefined {
  if (signature.length !== 2 + 2 * 65) return undefined
  const v = Number(`0x${signature.slice(130)}`)
  return recoverAddress(digest, {
    yParity: v >= 27 ? v - 27 : v,
    r: BigInt(signature.slice(0, 66)),
    s: BigInt(`0x${signature.slice(66, 130)}`),
  })
}

/** The address whose private key this is. */
export function addressOfKey(key: Uint8Array): Address {
  return bytesToAddress(keccak256(secp256k1.publicKeyCreate(key, false).subarray(1)).subarray(12))
}
