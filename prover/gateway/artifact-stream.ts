/**
 * Artifacts and the files of tuned versions over HTTP, by the keccak256 of their bytes: streamed, so that a file of any size takes
 * a buffer's worth of memory, and only so many at once. Whoever fetches checks the hash.
 */
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Hex } from 'viem'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import { RequestError } from './request-error.ts'

/** Downloads at once. */
const MOST_STREAMS = 16
/** Milliseconds without a byte taken after which a download is cut. */
const SILENCE = 30_000

export class ArtifactStreams {
  readonly #store: ArtifactStore
  readonly #most: number
  #running = 0

  constructor(modules: { store: ArtifactStore }, options: { most?: number } = {}) {
    this.#store = modules.store
    this.#most = options.most ?? MOST_STREAMS
  }

  /** Answers a request with a file. Throws {@link RequestError} before anything is written; a client that leaves is no error. */
  async serve(hash: Hex, response: ServerResponse): Promise<void> {
    if (this.#running >= this.#most)
      throw new RequestError(503, {
        field: 'hash',
        value: hash,
        reason: `${this.#most} downloads run already, ask again`,
      })
    this.#running++
    try {
      const file = await this.#store.openBytes(hash)
      if (!file) throw new RequestError(404, { field: 'hash', value: hash, reason: 'is no artifact held here' })
      const { size } = await file.stat().catch(async (error: unknown) => {
        await file.close()
        throw error
      })
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
      response.setTimeout(SILENCE, () => response.destroy())
      // The stream closes the file. What fails from here on is the connection, and the client sees that.
      await pipeline(file.createReadStream(), response).catch(() => response.destroy())
    } finally {
      this.#running--
    }
  }
}
