/** JSON-RPC 2.0: from the text of a request or a batch to the text of its answer. */
import { z } from 'zod'
import { TransactionRejected } from '../node/chain/reads.ts'
import { NodeError } from '../node/errors.ts'
import { StateUnavailableError } from '../node/state/history.ts'
import type { Json } from './json.ts'
import type { MethodTable } from './method.ts'
import { RPC_ERROR, RpcError } from './rpc-error.ts'

export type DispatchLimits = {
  /** Requests in one batch. */
  batchRequests: number
  /** Bytes of all answers of one batch. */
  responseBytes: number
}

type Id = string | number | null
type Answer =
  | { jsonrpc: '2.0'; id: Id; result: Json }
  | { jsonrpc: '2.0'; id: Id; error: { code: number; message: string; data?: Json } }

const request = z.object({
  jsonrpc: z.literal('2.0', { error: 'must be "2.0"' }),
  id: z.union([z.string().max(1024), z.number(), z.null()], { error: 'must be a string, a number or null' }).optional(),
  method: z.string({ error: 'must be a string' }),
  params: z.unknown().optional(),
})

/** `onDefect` hears of errors that are nobody's input: they are answered as -32603. */
export class Dispatcher {
  readonly #methods: MethodTable
  readonly #limits: DispatchLimits
  readonly #onDefect: (method: string, error: unknown) => void

  constructor(
    modules: { methods: MethodTable; onDefect: (method: string, error: unknown) => void },
    options: DispatchLimits,
  ) {
    this.#methods = modules.methods
    this.#onDefect = modules.onDefect
    this.#limits = options
  }

  /** The answer's text; undefined where nothing is to be answered (notifications). */
  async answer(body: string): Promise<string | undefined> {
    let parsed: unknown
    try {
      parsed = JSON.parse(body)
    } catch (error) {
      return serialize(failure(null, new RpcError(RPC_ERROR.parse, `request is not JSON: ${(error as Error).message}`)))
    }
    if (Array.isArray(parsed)) return this.#answerBatch(parsed)
    const answer = await this.#answerOne(parsed)
    return answer && serialize(answer)
  }

  async #answerBatch(batch: unknown[]): Promise<string | undefined> {
    if (batch.length === 0) return serialize(failure(null, new RpcError(RPC_ERROR.invalidRequest, 'empty batch')))
    const { batchRequests, responseBytes } = this.#limits
    if (batch.length > batchRequests) {
      const message = `batch too large: ${batch.length} requests, limit ${batchRequests}`
      return serialize(failure(null, new RpcError(RPC_ERROR.invalidRequest, message)))
    }
    const answers: string[] = []
    let bytes = 0
    for (const entry of batch) {
      if (bytes > responseBytes) {
        const error = new RpcError(
          RPC_ERROR.responseTooLarge,
          `response too large: more than ${responseBytes} bytes in one batch`,
        )
        answers.push(serialize(failure(idOf(entry), error)))
        continue
      }
      const answer = await this.#answerOne(entry)
      if (answer === undefined) continue
      const text = serialize(answer)
      bytes += text.length
      answers.push(text)
    }
    return answers.length === 0 ? undefined : `[${answers.join(',')}]`
  }

  async #answerOne(entry: unknown): Promise<Answer | undefined> {
    const parsed = request.safeParse(entry)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      const where = issue === undefined || issue.path.length === 0 ? 'request' : issue.path.join('.')
      return failure(
        idOf(entry),
        new RpcError(RPC_ERROR.invalidRequest, `invalid request: ${where} ${issue?.message ?? ''}`),
      )
    }
    const { id, method, params } = parsed.data
    const answer = await this.#run(id ?? null, method, params)
    return id === undefined ? undefined : answer
  }

  async #run(id: Id, name: string, params: unknown): Promise<Answer> {
    const method = Object.hasOwn(this.#methods, name) ? this.#methods[name] : undefined
    if (method === undefined) {
      return failure(
        id,
        new RpcError(RPC_ERROR.methodNotFound, `the method ${name.slice(0, 100)} does not exist/is not available`),
      )
    }
    try {
      return { jsonrpc: '2.0', id, result: (await method(params)) ?? null }
    } catch (error) {
      return failure(id, this.#rpcError(name, error))
    }
  }

  #rpcError(method: string, error: unknown): RpcError {
    if (error instanceof RpcError) return error
    if (error instanceof TransactionRejected || error instanceof StateUnavailableError)
      return new RpcError(RPC_ERROR.server, error.message)
    if (error instanceof NodeError && error.severity === 'temporary')
      return new RpcError(RPC_ERROR.server, error.message)
    this.#onDefect(method, error)
    return new RpcError(
      RPC_ERROR.internal,
      `internal error in ${method}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function failure(id: Id, error: RpcError): Answer {
  const { code, message, data } = error
  return { jsonrpc: '2.0', id, error: data === undefined ? { code, message } : { code, message, data } }
}

function idOf(entry: unknown): Id {
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : null
  return typeof id === 'string' || typeof id === 'number' ? id : null
}

function serialize(answer: Answer): string {
  return JSON.stringify(answer)
}
