/** JSON-RPC over a few kept-alive connections, in batches: as much as a load generator needs and no more. */
import { Agent, request as httpRequest } from 'node:http'

type Call = { method: string; params: unknown[] }
type Answer = { id: number; result?: unknown; error?: { message: string } }

export class JsonRpcClient {
  readonly url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 })

  constructor(url: string) {
    this.url = url
  }

  async request(method: string, params: unknown[]): Promise<unknown> {
    return (await this.batch([{ method, params }]))[0]
  }

  /** Results in the order of the calls. Throws the first error. */
  async batch(calls: Call[]): Promise<unknown[]> {
    const body = calls.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params }))
    const answers = JSON.parse(await this.#post(JSON.stringify(body))) as Answer[]
    const results: unknown[] = []
    for (const { id, result, error } of answers) {
      if (error !== undefined) throw new Error(`${calls[id]?.method}: ${error.message}`)
      results[id] = result
    }
    return results
  }

  #post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const sent = httpRequest(this.url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(Buffer.concat(chunks).toString()))
        response.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}
