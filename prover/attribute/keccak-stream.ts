/** keccak256 of bytes that are not in memory at once. */
import { open } from 'node:fs/promises'
import { createKeccak } from 'hash-wasm'
import type { Hex } from 'viem'

/** Bytes read at once. */
const CHUNK = 1 << 20

/** Its own state, so that several may be under way. */
export async function keccakStream(): Promise<{ add(bytes: Uint8Array): void; digest(): Hex }> {
  const hasher = await createKeccak(256)
  hasher.init()
  return {
    add: (bytes) => {
      hasher.update(bytes)
    },
    digest: () => `0x${hasher.digest('hex')}`,
  }
}

/** Of a whole file, and its size. Throws the system's error where it cannot be read. */
export async function keccakOfFile(path: string): Promise<{ hash: Hex; size: number }> {
  const stream = await keccakStream()
  const file = await open(path, 'r')
  try {
    const chunk = new Uint8Array(CHUNK)
    let size = 0
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK, size)
      if (bytesRead === 0) return { hash: stream.digest(), size }
      stream.add(chunk.subarray(0, bytesRead))
      size += bytesRead
    }
  } finally {
    await file.close()
  }
}
