/**
 * A message of the blocks topic (specs.optimism.io, p2p): snappy( signature 65 ‖ envelope ).
 *
 * Its id is the first 20 bytes of sha256( domain 4 ‖ u64le(length of topic) ‖ topic ‖ data ): domain 01000000 and the
 * unpacked data where it can be unpacked, 00000000 and the data as it came where not.
 */
import { createHash } from 'node:crypto'
import { concatBytes } from '../execution/bytes.ts'
import { SIGNATURE_SIZE } from './block-signature.ts'
import { CompressionError, pack, unpack } from './compression.ts'

const VALID_SNAPPY = Uint8Array.of(1, 0, 0, 0)
const INVALID_SNAPPY = Uint8Array.of(0, 0, 0, 0)
const ID_SIZE = 20

/** The topic of blocks since Isthmus. */
export function blocksTopic(chainId: number): string {
  return `/optimism/${chainId}/3/blocks`
}

export function encodeMessage(signature: Uint8Array, envelope: Uint8Array): Uint8Array {
  return pack(concatBytes(signature, envelope))
}

/** Throws CompressionError; the parts are not checked further. */
export function decodeMessage(data: Uint8Array): { signature: Uint8Array; envelope: Uint8Array } {
  const bytes = unpack(data)
  return { signature: bytes.subarray(0, SIGNATURE_SIZE), envelope: bytes.subarray(SIGNATURE_SIZE) }
}

export function messageId(topic: string, data: Uint8Array): Uint8Array {
  const { domain, content } = identified(data)
  const name = new TextEncoder().encode(topic)
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(name.length), true)
  const hash = createHash('sha256').update(domain).update(size).update(name).update(content).digest()
  return new Uint8Array(hash.subarray(0, ID_SIZE))
}

function identified(data: Uint8Array): { domain: Uint8Array; content: Uint8Array } {
  try {
    return { domain: VALID_SNAPPY, content: unpack(data) }
  } catch (error) {
    if (error instanceof CompressionError) return { domain: INVALID_SNAPPY, content: data }
    throw error
  }
}
