/** A node with a real chain, pool and RPC server in memory, and hands to mine blocks: what the tests of rpc/ talk to. */
import { createPublicClient, type Hex, http, type PublicClient } from 'viem'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { Chain } from '../../node/chain/chain.ts'
import { MemoryL1 } from '../../node/chain/testing/memory-l1.ts'
import { type ConfigChanges, openNode, testConfig } from '../../node/chain/testing/test-chain.ts'
import { prepareAttributes } from '../../node/derivation/attributes.ts'
import type { HashedBlock } from '../../node/execution/block.ts'
import type { NativeContracts } from '../../node/execution/native.ts'
import { RpcServer, type RpcServerOptions } from '../server.ts'
import { WaitingList } from './waiting-list.ts'

export type RpcAnswer = { id?: unknown; result?: unknown; error?: { code: number; message: string; data?: Hex } }

export class RpcNode {
  readonly config: ChainConfig
  readonly chain: Chain
  readonly url: string
  readonly client: PublicClient
  readonly defects: unknown[]
  readonly #l1: MemoryL1
  readonly #pool: WaitingList
  readonly #server: RpcServer

  private constructor(parts: {
    config: ChainConfig
    chain: Chain
    url: string
    l1: MemoryL1
    pool: WaitingList
    server: RpcServer
    defects: unknown[]
  }) {
    this.config = parts.config
    this.chain = parts.chain
    this.url = parts.url
    this.client = createPublicClient({ transport: http(parts.url, { retryCount: 0 }), pollingInterval: 10 })
    this.defects = parts.defects
    this.#l1 = parts.l1
    this.#pool = parts.pool
    this.#server = parts.server
  }

  static async start(
    options: Partial<RpcServerOptions> = {},
    natives?: NativeContracts,
    changes: ConfigChanges = {},
  ): Promise<RpcNode> {
    const l1 = new MemoryL1(1_700_000_000n)
    const config = await testConfig(l1.head, changes)
    const { chain } = await openNode(config, natives && { natives })
    const pool = new WaitingList(BigInt(config.l2ChainId))
    const defects: unknown[] = []
    const server = new RpcServer(
      { chain, sink: pool, pool },
      { host: '127.0.0.1', port: 0, onDefect: (_, error) => defects.push(error), ...options },
    )
    const { url } = await server.start()
    return new RpcNode({ config, chain, url, l1, pool, server, defects })
  }

  async stop(): Promise<void> {
    await this.#server.stop()
  }

  /** Builds the next block from the pool. */
  async mine(): Promise<HashedBlock> {
    const parent = this.chain.headRef('unsafe')
    const attributes = await prepareAttributes(
      { config: this.config, l1: this.#l1 },
      parent,
      await this.chain.systemConfigOf(parent.number),
      parent.l1Origin,
    )
    return this.chain.build(parent, { ...attributes, noTxPool: false }, this.#pool)
  }

  /** One request as a client sends it. */
  async ask(method: string, ...params: unknown[]): Promise<RpcAnswer> {
    const response = await this.post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
    return (await response.json()) as RpcAnswer
  }

  post(body: string, headers: Record<string, string> = { 'content-type': 'application/json' }): Promise<Response> {
    return fetch(this.url, { method: 'POST', body, headers })
  }
}
