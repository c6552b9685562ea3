/**
 * Gives a store's artifacts and files by hash, and nothing else: what a publisher runs who serves no answers, so that provers
 * can fetch what it has trained.
 *
 *     GET /v1/artifacts/{hash}     as at a gateway
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import { ArtifactStreams } from './artifact-stream.ts'
import { RequestError } from './request-error.ts'

export class ArtifactServer {
  readonly #streams: ArtifactStreams
  readonly #server: Server

  constructor(modules: { store: ArtifactStore }) {
    this.#streams = new ArtifactStreams(modules)
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  /** Listens on 127.0.0.1, on any free port. */
  async start(): Promise<{ url: string }> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    const address = this.#server.address()
    if (typeof address !== 'object' || address === null) throw new Error('the artifact server has no address')
    return { url: `http://127.0.0.1:${address.port}` }
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const [, hash] = /^\/v1\/artifacts\/(0x[0-9a-f]{64})$/.exec(url) ?? []
      if (method !== 'GET' || !hash)
        throw new RequestError(404, { field: 'path', value: url, reason: 'is not served here' })
      await this.#streams.serve(hash as `0x${string}`, response)
    } catch (error) {
      const status = error instanceof RequestError ? error.status : 500
      response.writeHead(status).end((error as Error).message)
    }
  }
}
