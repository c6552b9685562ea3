/**
 * An L1 endpoint that misbehaves when it is told to: JSON-RPC (POST) and beacon API (GET), passed on to anvil and back.
 * Each node of a test gets its L1 through such proxies, so that L1 can be down or slow, and a beacon lose blobs or lie,
 * while anvil itself goes on.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'

export type Fault =
  /** The connection is refused, or cut where it is open. */
  | 'down'
  /** The connection is taken, and nothing is ever answered. */
  | 'silent'
  /** Beacon: 404 for every blob, as after the eighteen days that beacons keep them. */
  | 'lost blobs'
  /** Beacon: blobs of the right form with a wrong byte in each. */
  | 'wrong blobs'

const blobsAnswer = z.object({ data: z.array(z.string()) })
/** Far behind the header of the frame: what lies there decides nothing but the hash. */
const WRONG_DIGIT = 200

export class L1Proxy {
  readonly url: string
  /** What it does instead of answering; undefined where all is well. */
  fault: Fault | undefined
  /** Milliseconds that every answer waits. */
  delay = 0
  /** Requests that met a fault, and blobs that were answered in truth. */
  readonly count = { failed: 0, blobs: 0 }
  readonly #server: Server
  readonly #target: string

  private constructor(server: Server, target: string) {
    this.#server = server
    this.#target = target
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('a server on TCP has a port')
    this.url = `http://127.0.0.1:${address.port}`
  }

  static async start(target: string): Promise<L1Proxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const proxy = new L1Proxy(server, target)
    server.on('request', (request, response) => void proxy.#serve(request, response))
    return proxy
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: Buffer[] = []
    for await (const chunk of request) body.push(chunk)
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay))
    const { fault } = this
    const asksBlobs = request.url?.startsWith('/eth/v1/beacon/blob') ?? false
    if (fault === 'down' || fault === 'silent') {
      this.count.failed++
      if (fault === 'down') request.socket.destroy()
      return
    }
    if (fault === 'lost blobs' && asksBlobs) {
      this.count.failed++
      return answer(response, 404, '{"code":404,"message":"blobs not found"}')
    }
    try {
      const { status, text } = await this.#ask(request, Buffer.concat(body))
      if (!asksBlobs || status !== 200) return answer(response, status, text)
      this.count[fault === 'wrong blobs' ? 'failed' : 'blobs']++
      answer(response, status, fault === 'wrong blobs' ? spoiled(text) : text)
    } catch (error) {
      answer(response, 502, JSON.stringify({ message: String(error) }))
    }
  }

  async #ask({ method, url, headers }: IncomingMessage, body: Buffer): Promise<{ status: number; text: string }> {
    const init = { method: method ?? 'GET', headers: { 'content-type': headers['content-type'] ?? 'application/json' } }
    const posted = method === 'POST' ? { ...init, body: body.toString('utf8') } : init
    const answered = await fetch(`${this.#target}${url}`, posted)
    return { status: answered.status, text: await answered.text() }
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(text)
}

function spoiled(text: string): string {
  const { data } = blobsAnswer.parse(JSON.parse(text))
  const spoil = (blob: string) =>
    `${blob.slice(0, WRONG_DIGIT)}${blob[WRONG_DIGIT] === '0' ? '1' : '0'}${blob.slice(WRONG_DIGIT + 1)}`
  return JSON.stringify({ data: data.map(spoil) })
}
