/**
 * anvil with other answers to some requests: what a test needs of L1 that anvil does not have (geth's two pools, a price of
 * blobs that jumps). It stands between the node and anvil; everything that it is not told about goes through.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { z } from 'zod'

/** A result, or a refusal in the words of a node; undefined where anvil is to answer. */
export type Overlaid = { result: unknown } | { error: string } | undefined
export type Answer = (method: string, params: readonly unknown[]) => Overlaid

const request = z.object({ id: z.union([z.number(), z.string()]), method: z.string(), params: z.array(z.unknown()) })

export class L1Overlay {
  readonly url: string
  /** How often a method was asked for. */
  readonly counts = new Map<string, number>()
  readonly #server: Server
  readonly #waiting = new Set<() => void>()

  private constructor(server: Server) {
    this.#server = server
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('a server on TCP has a port')
    this.url = `http://127.0.0.1:${address.port}`
  }

  static async before(anvil: { url: string }, answer: Answer): Promise<L1Overlay> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const overlay = new L1Overlay(server)
    server.on('request', async (incoming, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk)
      const body = Buffer.concat(chunks).toString()
      const { id, method, params } = request.parse({ params: [], ...JSON.parse(body) })
      const overlaid = answer(method, params)
      const text = overlaid === undefined ? await passedOn(anvil.url, body) : answerOf(id, overlaid)
      response.writeHead(200, { 'content-type': 'application/json' }).end(text)
      overlay.#count(method)
    })
    return overlay
  }

  /** Resolves once a method has been asked for that many times more. */
  async asked(method: string, times: number): Promise<void> {
    const wanted = (this.counts.get(method) ?? 0) + times
    while ((this.counts.get(method) ?? 0) < wanted) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #count(method: string): void {
    this.counts.set(method, (this.counts.get(method) ?? 0) + 1)
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

async function passedOn(url: string, body: string): Promise<string> {
  return (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text()
}

function answerOf(id: number | string, overlaid: Exclude<Overlaid, undefined>): string {
  const outcome = 'error' in overlaid ? { error: { code: -32000, message: overlaid.error } } : overlaid
  return JSON.stringify({ jsonrpc: '2.0', id, ...outcome })
}
