/** Snappy's block format (google/snappy, format_description.txt), with the size known before anything is unpacked. */
import { compress, uncompress } from 'snappyjs'

/** Largest unpacked message (op-node: maxGossipSize, 10 MiB). */
export const MAX_MESSAGE_SIZE = 10 * 2 ** 20

/** The bytes cannot be unpacked, or would be too large. */
export class CompressionError extends Error {
  override name = 'CompressionError'
}

export function pack(bytes: Uint8Array): Uint8Array {
  return compress(bytes)
}

/**
 * Unpacks at most {@link MAX_MESSAGE_SIZE} bytes. A block begins with its unpacked length; a longer one is refused before
 * memory is taken. Throws {@link CompressionError}.
 */
export function unpack(bytes: Uint8Array): Uint8Array {
  // snappyjs keeps a Buffer a Buffer; a plain view of the same bytes makes plain arrays.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  try {
    return uncompress(plain, MAX_MESSAGE_SIZE)
  } catch (error) {
    throw new CompressionError(`snappy: ${(error as Error).message}`)
  }
}
