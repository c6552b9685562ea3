import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RpcServer } from './server.ts'
import { RpcNode } from './testing/rpc-node.ts'

let node: RpcNode
beforeEach(async () => {
  node = await RpcNode.start({
    batchRequests: 3,
    bodyBytes: 2000,
    corsOrigins: ['https://app.example'],
    allowedHosts: ['node.example'],
  })
})
afterEach(() => node.stop())

const request = (fields: object) => JSON.stringify({ jsonrpc: '2.0', id: 7, ...fields })

async function answer(body: string): Promise<unknown> {
  const response = await node.post(body)
  const text = await response.text()
  return text === '' ? undefined : JSON.parse(text)
}

describe('JSON-RPC 2.0', () => {
  it('answers a request under its id', async () => {
    expect(await answer(request({ method: 'eth_chainId' }))).toEqual({ jsonrpc: '2.0', id: 7, result: '0x385' })
    expect(await answer(request({ id: 'a', method: 'eth_chainId', params: [] }))).toMatchObject({ id: 'a' })
  })

  it('says nothing to a notification', async () => {
    expect(await answer(JSON.stringify({ jsonrpc: '2.0', method: 'eth_chainId' }))).toBeUndefined()
  })

  it.each([
    ['{"jsonrpc"', -32700, /request is not JSON/],
    ['[]', -32600, /empty batch/],
    ['3', -32600, /invalid request/],
    [request({ jsonrpc: '1.0', method: 'eth_chainId' }), -32600, /jsonrpc must be "2.0"/],
    [request({ method: 5 }), -32600, /method must be a string/],
    [request({ method: 'eth_mine' }), -32601, /the method eth_mine does not exist\/is not available/],
    [request({ method: 'constructor' }), -32601, /constructor/],
    [request({ method: 'eth_chainId', params: { a: 1 } }), -32602, /params must be an array/],
    [request({ method: 'eth_chainId', params: [1] }), -32602, /too many arguments, want at most 0/],
    [request({ method: 'eth_getBalance' }), -32602, /missing value for required argument 0 \(address\)/],
    [
      request({ method: 'eth_getBalance', params: ['0x12'] }),
      -32602,
      /invalid argument 0 \(address\): must be an address: 0x and 40 hexadecimal digits, got "0x12"/,
    ],
    [
      request({ method: 'eth_getBlockByNumber', params: ['newest', false] }),
      -32602,
      /invalid argument 0 \(block\): must be a block number.*got "newest"/,
    ],
    [request({ method: 'eth_getBlockByNumber', params: ['0x01', false] }), -32602, /got "0x01"/],
    [
      request({ method: 'eth_getLogs', params: [{ topics: ['0x1'] }] }),
      -32602,
      /invalid argument 0 \(filter\.topics\.0\): must be null, a 32-byte topic.*got "0x1"/,
    ],
    [request({ method: 'eth_getLogs', params: [{ fromblock: '0x1' }] }), -32602, /filter.*fromblock/],
    [request({ method: 'eth_call', params: [{ to: '0x' }] }), -32602, /invalid argument 0 \(transaction\.to\)/],
    [request({ method: 'eth_sendRawTransaction', params: ['0x0'] }), -32602, /transaction.*must be data/],
    [request({ method: 'eth_sendRawTransaction', params: ['0x03'] }), -32000, /blobs/],
    [
      request({ method: 'eth_getBalance', params: [`0x${'11'.repeat(20)}`, '0x99'] }),
      -32000,
      /header not found: number 153/,
    ],
  ])('refuses %s with %d', async (body, code, message) => {
    const { error } = (await answer(body)) as { error: { code: number; message: string } }
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(node.defects).toEqual([])
  })

  it('answers a batch in order, leaving out notifications, and refuses one that is too long', async () => {
    const one = { jsonrpc: '2.0', method: 'eth_chainId' }
    expect(await answer(JSON.stringify([{ ...one, id: 1 }, one, { ...one, id: 2, method: 'nope' }]))).toMatchObject([
      { id: 1, result: '0x385' },
      { id: 2, error: { code: -32601 } },
    ])
    expect(await answer(JSON.stringify(new Array(4).fill({ ...one, id: 1 })))).toMatchObject({
      error: { code: -32600, message: 'batch too large: 4 requests, limit 3' },
    })
  })
})

describe('HTTP', () => {
  it('bounds the body', async () => {
    const response = await node.post(request({ method: 'web3_sha3', params: [`0x${'00'.repeat(1000)}`] }))
    expect(response.status).toBe(413)
  })

  it('takes JSON alone, by POST alone', async () => {
    expect((await node.post(request({ method: 'eth_chainId' }), { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await fetch(node.url)).status).toBe(405)
  })

  it('tells the heads under /health', async () => {
    await node.mine()
    const response = await fetch(`${node.url}/health`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ ok: true, chainId: 901, unsafe: { number: 1 }, safe: { number: 0 } })
  })

  it('lets no web page in but from origins that were named', async () => {
    const from = (origin: string) =>
      fetch(node.url, { method: 'OPTIONS', headers: { origin } }).then((response) =>
        response.headers.get('access-control-allow-origin'),
      )
    expect(await from('https://app.example')).toBe('https://app.example')
    expect(await from('https://evil.example')).toBeNull()
  })

  it('refuses names that only DNS rebinding would bring', async () => {
    const { Agent, request } = await import('node:http')
    const status = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = request(
          `${node.url}/health`,
          { headers: { host }, agent: new Agent({ keepAlive: false }) },
          (response) => {
            response.resume()
            resolve(response.statusCode)
          },
        )
        sent.on('error', reject).end()
      })
    expect(await status('evil.example:8545')).toBe(403)
    expect(await status('node.example')).toBe(200)
    expect(await status('localhost:8545')).toBe(200)
  })

  it('says that its port is taken', async () => {
    const port = Number(new URL(node.url).port)
    const second = new RpcServer({ chain: node.chain, sink: { submit: async () => '0x' } }, { host: '127.0.0.1', port })
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
