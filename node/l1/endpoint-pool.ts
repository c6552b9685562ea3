/**
 * A list of HTTP endpoints that answer the same questions: tries the one that answered last, then the others in turn.
 * Every answer has a time limit and a size limit. An endpoint fails when it is out of reach, answers with an error, or
 * answers something that the reader of the answer refuses (a wrong form, a wrong hash).
 */
import { TemporaryError } from '../errors.ts'

export type EndpointPoolOptions = {
  /** Base URLs, at least one, in order of preference. */
  urls: string[]
  /** Milliseconds for one answer. */
  timeout: number
  /** Most bytes of one answer. */
  maxResponseBytes: number
}

/** Told when an endpoint ceases to answer well, once until it answers again. `endpoint` is its host. */
export type OnFailure = (endpoint: string, what: string, reason: string) => void

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export class EndpointPool {
  readonly #fetch: Fetch
  readonly #onFailure: OnFailure
  readonly #options: EndpointPoolOptions
  readonly #failing = new Set<number>()
  #preferred = 0
  #nextId = 1

  constructor({ fetch, onFailure = () => {} }: { fetch: Fetch; onFailure?: OnFailure }, options: EndpointPoolOptions) {
    if (options.urls.length === 0) throw new RangeError('an endpoint list must name at least one URL')
    this.#fetch = fetch
    this.#onFailure = onFailure
    this.#options = options
  }

  /** Result of a JSON-RPC call, read by `read`. Throws a TemporaryError that says how every endpoint failed. */
  call<T>(method: string, params: unknown[], read: (result: unknown) => T): Promise<T> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: this.#nextId++, method, params })
    const init: RequestInit = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    return this.#ask(method, '', init, (answer) => {
      if (typeof answer !== 'object' || answer === null) throw new Error('the answer is no JSON-RPC object')
      if ('error' in answer) throw new Error(`JSON-RPC error ${JSON.stringify(answer.error).slice(0, 200)}`)
      if (!('result' in answer)) throw new Error('the answer has no result')
      return read(answer.result)
    })
  }

  /** JSON of a GET, read by `read`. Throws a TemporaryError that says how every endpoint failed. */
  get<T>(path: string, read: (answer: unknown) => T | Promise<T>): Promise<T> {
    return this.#ask(path, path, { headers: { accept: 'application/json' } }, read)
  }

  async #ask<T>(what: string, path: string, init: RequestInit, read: (answer: unknown) => T | Promise<T>): Promise<T> {
    const { urls } = this.#options
    const failures: string[] = []
    for (let tried = 0; tried < urls.length; tried++) {
      const index = (this.#preferred + tried) % urls.length
      const url = urls[index]!
      try {
        const answer = await read(await this.#fetchJson(`${url.replace(/\/$/, '')}${path}`, init))
        this.#preferred = index
        this.#failing.delete(index)
        return answer
      } catch (error) {
        failures.push(`${nameOf(url)}: ${reasonOf(error)}`)
        if (!this.#failing.has(index)) this.#onFailure(nameOf(url), what, reasonOf(error))
        this.#failing.add(index)
      }
    }
    throw new TemporaryError(`${what}: no endpoint answered: ${failures.join('; ')}`)
  }

  async #fetchJson(url: string, init: RequestInit): Promise<unknown> {
    const response = await this.#fetch(url, { ...init, signal: AbortSignal.timeout(this.#options.timeout) })
    const text = await this.#bodyText(response)
    if (!response.ok) throw new Error(`HTTP status ${response.status}: ${text.slice(0, 200)}`)
    return JSON.parse(text)
  }

  async #bodyText(response: Response): Promise<string> {
    if (response.body === null) return ''
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body) {
      size += chunk.length
      if (size > this.#options.maxResponseBytes)
        throw new Error(`the answer is over ${this.#options.maxResponseBytes} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  }
}

/** Paths and query strings of endpoints may hold keys: only the host is shown. */
function nameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an endpoint that is no URL'
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
