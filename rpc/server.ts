/** JSON-RPC over HTTP: POST / for requests and batches, GET /health for a look at the heads. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { Dispatcher } from './dispatch.ts'
import { FilterRegistry } from './filter-registry.ts'
import { healthOf } from './health.ts'
import type { RpcModules } from './method.ts'
import { methodTable } from './method-table.ts'

export type RpcServerOptions = {
  host: string
  /** 0 takes any free port. */
  port: number
  /** web3_clientVersion. */
  clientVersion?: string
  /** Origins that browsers may call from; none by default. `*` allows all. */
  corsOrigins?: string[]
  /** Names besides localhost and IP addresses under which the server may be called (against DNS rebinding). */
  allowedHosts?: string[]
  /** Bytes of a request's body. Default 5 MiB. */
  bodyBytes?: number
  /** Requests in a batch. Default 1000. */
  batchRequests?: number
  /** Bytes of a batch's answer. Default 25 MiB. */
  responseBytes?: number
  /** Connections held at once. Default 500. */
  connections?: number
  /** Called with errors that are defects of ours, besides the -32603 that the caller gets. */
  onDefect?: (method: string, error: unknown) => void
}

const MIB = 1024 * 1024
const JSON_TYPE = 'application/json'

export class RpcServer {
  readonly #modules: RpcModules
  readonly #options: RpcServerOptions
  readonly #filters: FilterRegistry
  readonly #dispatcher: Dispatcher
  #server: Server | undefined

  constructor(modules: RpcModules, options: RpcServerOptions) {
    this.#modules = modules
    this.#options = options
    this.#filters = new FilterRegistry({ chain: modules.chain, now: Date.now })
    const methods = methodTable(modules, this.#filters, options.clientVersion ?? 'openledger-node')
    this.#dispatcher = new Dispatcher(
      { methods, onDefect: options.onDefect ?? (() => undefined) },
      { batchRequests: options.batchRequests ?? 1000, responseBytes: options.responseBytes ?? 25 * MIB },
    )
  }

  /** Listens. Rejects with Node's error where the address is taken (`EADDRINUSE`). */
  async start(): Promise<{ url: string }> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.#options.onDefect?.('http', error)
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
    })
    server.maxConnections = this.#options.connections ?? 500
    server.requestTimeout = 30_000
    server.listen(this.#options.port, this.#options.host)
    await once(server, 'listening')
    this.#server = server
    this.#filters.start()
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the RPC server listens on no TCP port')
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
    return { url: `http://${host}:${address.port}` }
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    this.#filters.stop()
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#hostAllowed(request.headers.host)) return send(response, 403, 'host not allowed\n')
    this.#allowOrigin(request, response)
    const path = (request.url ?? '/').split('?')[0]
    if (request.method === 'GET' && path === '/health') return this.#health(response)
    if (request.method === 'OPTIONS') return send(response, 204)
    if (request.method !== 'POST') return send(response, 405, 'POST JSON-RPC to this address, or GET /health\n')
    if (!(request.headers['content-type'] ?? '').startsWith(JSON_TYPE)) {
      return send(response, 415, `content type must be ${JSON_TYPE}\n`)
    }
    const body = await this.#read(request)
    if (body === undefined) return send(response, 413, `body is larger than ${this.#bodyBytes} bytes\n`)
    const answer = await this.#dispatcher.answer(body)
    return send(response, 200, answer ?? '', JSON_TYPE)
  }

  get #bodyBytes(): number {
    return this.#options.bodyBytes ?? 5 * MIB
  }

  /** The body, or undefined where it is too large. */
  async #read(request: IncomingMessage): Promise<string | undefined> {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length
      if (bytes > this.#bodyBytes) return undefined
      chunks.push(chunk as Buffer)
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  #health(response: ServerResponse): void {
    send(response, 200, `${JSON.stringify(healthOf(this.#modules.chain, Date.now()))}\n`, JSON_TYPE)
  }

  /** Without this check a web page could reach a local node by a name that resolves to 127.0.0.1. */
  #hostAllowed(header: string | undefined): boolean {
    if (header === undefined) return true
    const name = header
      .replace(/:\d+$/, '')
      .replace(/^\[(.*)\]$/, '$1')
      .toLowerCase()
    return name === 'localhost' || isIP(name) !== 0 || (this.#options.allowedHosts ?? []).includes(name)
  }

  #allowOrigin(request: IncomingMessage, response: ServerResponse): void {
    const { origin } = request.headers
    const allowed = this.#options.corsOrigins ?? []
    if (origin === undefined || !(allowed.includes('*') || allowed.includes(origin))) return
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-allow-methods', 'POST, GET')
    response.setHeader('access-control-allow-headers', 'content-type')
    response.setHeader('vary', 'origin')
  }
}

function send(response: ServerResponse, status: number, body = '', type = 'text/plain'): void {
  if (status === 413) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
