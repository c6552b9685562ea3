/**
 * The gateway over HTTP (JSON; integers beyond 2^53 are decimal strings):
 *
 *     POST /v1/answers               a prompt with its voucher → answer, sources (a preview), signed receipt
 *     GET  /v1/answers/{request}     what became of a request: status, entries, transaction. No texts
 *     GET  /v1/openings/{request}    prompt, answer, salts, query: of requests whose payer allowed it
 *     GET  /v1/models                versions served here: base, adapter, kind, prices
 *     GET  /v1/artifacts/{hash}      a version's artifact, or a file that it lists (adapter, curvature, recipe, checkpoints), as bytes
 *     GET  /health                   counts; 200 while it answers
 *
 * An error is {"error": {field, value, reason, …}} with a fitting status; nothing was written.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Hex } from 'viem'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import type { AnswerBook, BookedRequest } from './answer-book.ts'
import { parseAnswerRequest } from './answer-request.ts'
import { ArtifactStreams } from './artifact-stream.ts'
import type { Answered } from './journal-record.ts'
import type { PaidAnswers } from './paid-answers.ts'
import { RequestError } from './request-error.ts'
import type { ServedVersions } from './served-versions.ts'

const MAX_BODY_BYTES = 65_536

export type GatewayModules = {
  answers: PaidAnswers
  book: AnswerBook
  versions: ServedVersions
  store: ArtifactStore
  /** Figures for /health besides the book's counts. */
  health?: () => Record<string, unknown>
}
export type GatewayOptions = { host?: string; port?: number }

type Reply = { status: number; json: unknown }

/** The gateway cannot serve at all; one line for an operator. */
export class GatewayError extends Error {
  override name = 'GatewayError'
}

export class GatewayServer {
  readonly #modules: GatewayModules
  readonly #options: Required<GatewayOptions>
  readonly #streams: ArtifactStreams
  #server: Server | undefined

  constructor(modules: GatewayModules, options: GatewayOptions = {}) {
    this.#modules = modules
    this.#streams = new ArtifactStreams(modules)
    this.#options = { host: options.host ?? '127.0.0.1', port: options.port ?? 0 }
  }

  /** Listens; resolves with the base URL. Throws {@link GatewayError} where it cannot, as on a taken port. */
  async start(): Promise<{ url: string }> {
    const server = createServer((request, response) => void this.#serve(request, response))
    const { host, port } = this.#options
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new GatewayError(`the gateway cannot listen on ${host}:${port}: ${error.message}`, { cause: error })),
      )
      server.listen(port, host, resolve)
    })
    this.#server = server
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('the gateway has no address')
    return { url: `http://${host}:${address.port}` }
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await this.#reply(request, response).catch((error: unknown) => errorReply(error))
    if (!reply) return
    const body = Buffer.from(jsonText(reply.json))
    response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  }

  /** Undefined where the response was written already. */
  async #reply(request: IncomingMessage, response: ServerResponse): Promise<Reply | undefined> {
    const { pathname } = new URL(request.url ?? '/', 'http://gateway')
    if (pathname === '/v1/answers' && request.method === 'POST') {
      const answered = await this.#modules.answers.answer(parseAnswerRequest(await readJson(request)))
      return { status: 200, json: answerJson(answered) }
    }
    if (request.method !== 'GET') {
      throw new RequestError(405, { field: 'method', value: request.method, reason: `is not allowed on ${pathname}` })
    }
    if (pathname === '/health')
      return { status: 200, json: { ok: true, ...this.#modules.book.counts(), ...this.#modules.health?.() } }
    if (pathname === '/v1/models') return { status: 200, json: { data: await this.#models() } }
    const [, resource, id] = /^\/v1\/(answers|openings|artifacts)\/([^/]+)$/.exec(pathname) ?? []
    if (!resource || !id) throw new RequestError(404, { field: 'path', value: pathname, reason: 'is not served here' })
    const hash = parseHash(id)
    if (resource === 'artifacts') {
      await this.#streams.serve(hash, response)
      return undefined
    }
    const booked = this.#modules.book.get(hash)
    if (!booked) throw new RequestError(404, { field: 'request', value: hash, reason: 'was not answered here' })
    return { status: 200, json: resource === 'answers' ? statusJson(booked) : await this.#opening(booked) }
  }

  async #models() {
    const { versions } = this.#modules
    return Promise.all(
      versions.list().map(async (state) => {
        const { version, model, name, artifactHash, rows, base, adapterHash } = state
        const { pricePer1kIn, pricePer1kOut } = await versions.prices(state)
        return {
          ...{ version, model, name, pricePer1kIn, pricePer1kOut, artifactHash, rows },
          kind: versions.kindOf(version),
          ...{ base, adapterHash },
          live: await versions.isLive(version),
        }
      }),
    )
  }

  async #opening(booked: BookedRequest) {
    const { request, receipt } = booked
    if (!receipt.openable) {
      throw new RequestError(403, {
        field: 'request',
        value: request,
        reason: 'is closed: its payer did not allow openings',
      })
    }
    const attributed = await this.#modules.book.attributed(booked)
    if (!attributed)
      throw new RequestError(409, { field: 'request', value: request, reason: 'is not attributed yet, ask again' })
    const { prompt, answer, promptSalt, outputSalt, generation } = await this.#modules.book.answered(booked)
    const { queryHash, query } = attributed
    return { request, version: receipt.version, prompt, answer, promptSalt, outputSalt, queryHash, query, generation }
  }
}

/** What a client gets for its voucher. */
function answerJson({ request, answer, engine, notice, sources, receipt, generation }: Answered) {
  return { request, answer, engine, notice, sources, receipt, generation }
}

function statusJson({ request, receipt, status, attribution, transaction, reason }: BookedRequest) {
  const { channel, n, version, fee } = receipt
  const { asOf, queryHash, entries } = attribution ?? {}
  return { request, status, channel, n, version, fee, asOf, queryHash, entries, transaction, reason }
}

function parseHash(text: string): Hex {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase() as Hex
  throw new RequestError(400, { field: 'path', value: text, reason: 'must be 0x and 64 hexadecimal digits' })
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new Error('the request body is not bytes')
    size += chunk.length
    if (size > MAX_BODY_BYTES)
      throw new RequestError(413, { field: 'body', value: size, reason: `must be at most ${MAX_BODY_BYTES} bytes` })
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch (error) {
    throw new RequestError(400, { field: 'body', value: undefined, reason: `is not JSON: ${(error as Error).message}` })
  }
}

function errorReply(error: unknown): Reply {
  if (error instanceof RequestError) {
    const { status, field, value, message: reason, details } = error
    return { status, json: { error: { field, value, reason, ...details } } }
  }
  const reason = error instanceof Error ? error.message : String(error)
  return { status: 500, json: { error: { field: 'gateway', reason } } }
}

const jsonText = (json: unknown) =>
  JSON.stringify(json, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
