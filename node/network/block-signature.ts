/**
 * The sequencer's signature on a gossiped block (specs.optimism.io, p2p, "Block signatures"):
 *
 *     digest = keccak( domain 32 (zeros: blocks) ‖ chainId u256 ‖ keccak(envelope) )
 *     signature = r 32 ‖ s 32 ‖ recovery id (0, 1)                                     65 bytes
 */
import secp256k1 from 'secp256k1'
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { bytesToUint, concatBytes, hexToBytes, wordBytes } from '../execution/bytes.ts'
import { recoverAddress } from '../execution/signature.ts'

export const SIGNATURE_SIZE = 65
const BLOCKS_DOMAIN = new Uint8Array(32)

function digestOf(chainId: number, envelope: Uint8Array): Uint8Array {
  return keccak256(concatBytes(BLOCKS_DOMAIN, wordBytes(BigInt(chainId)), keccak256(envelope)))
}

/** Signs an envelope. `privateKey`: 32 bytes. */
export function signEnvelope(chainId: number, envelope: Uint8Array, privateKey: Hex): Uint8Array {
  const { signature, recid } = secp256k1.ecdsaSign(digestOf(chainId, envelope), hexToBytes(privateKey))
  return concatBytes(signature, Uint8Array.of(recid))
}

/** Who signed the envelope; undefined where nobody can have. */
export function envelopeSigner(chainId: number, envelope: Uint8Array, signature: Uint8Array): Address | undefined {
  if (signature.length !== SIGNATURE_SIZE) return undefined
  return recoverAddress(digestOf(chainId, envelope), {
    r: bytesToUint(signature.subarray(0, 32)),
    s: bytesToUint(signature.subarray(32, 64)),
    yParity: signature[64]!,
  })
}
