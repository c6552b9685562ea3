/** All that a libp2p stream brings until its other end is done writing. */
import type { Host } from './host.ts'

type Stream = Awaited<ReturnType<Host['dialProtocol']>>

/** Throws, and resets the stream, where more than `limit` bytes come or the signal aborts first. */
export async function readAll(stream: Stream, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  const abort = (): void => stream.abort(new Error('the peer took too long'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of stream) {
      size += part.byteLength
      if (size > limit) {
        const error = new Error(`the peer sent more than ${limit} bytes`)
        stream.abort(error)
        throw error
      }
      parts.push(part.subarray())
    }
    return Buffer.concat(parts)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
