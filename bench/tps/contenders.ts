/** The two chains that `bench tps` compares, behind one face: where their JSON-RPC listens, and how a block is asked for. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { anvilBinary } from '../../devnet/anvil.ts'
import { runtimeCode } from '../../genesis/contracts.ts'
import { JsonRpcClient } from './json-rpc-client.ts'
import type { NodeThreadData, NodeThreadMessage } from './node-thread.ts'
import { ADDRESSES, BALANCE, CHAIN_ID, TOKEN } from './workload.ts'

export type TpsContender = {
  rpc: JsonRpcClient
  /** What a reader must know of its configuration. */
  config: string
  mine(): Promise<void>
  stop(): Promise<void>
}

export async function startOurs(gasLimit: number): Promise<TpsContender> {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-bench-'))
  const workerData: NodeThreadData = { folder, gasLimit }
  const thread = new Worker(new URL('./node-thread.ts', import.meta.url), { workerData })
  const next = async (): Promise<NodeThreadMessage> => (await once(thread, 'message'))[0] as NodeThreadMessage
  const started = await next()
  if (typeof started === 'string') throw new Error(`the node said ${started} before it had started`)
  const ask = async (message: 'mine' | 'stop') => {
    const answer = next()
    thread.postMessage(message)
    await answer
  }
  return {
    rpc: new JsonRpcClient(started.url),
    config: started.config,
    mine: () => ask('mine'),
    async stop() {
      await ask('stop')
      await thread.terminate()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Accounts at block 0, as geth's genesis has them. */
export type Alloc = Record<string, { balance: string; code?: string }>

export async function startAnvil(gasLimit: number, alloc: Alloc = workloadAlloc()): Promise<TpsContender> {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-bench-'))
  const genesis = join(folder, 'genesis.json')
  writeFileSync(genesis, anvilGenesis(gasLimit, alloc))
  const port = await freePort()
  const options = ['--host', '127.0.0.1', '--port', `${port}`, '--chain-id', `${CHAIN_ID}`, '--init', genesis]
  const mining = ['--no-mining', '--hardfork', 'prague', '--gas-limit', `${gasLimit}`, '--order', 'fifo', '--silent']
  const child = spawn(anvilBinary(), [...options, ...mining], { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  const rpc = new JsonRpcClient(`http://127.0.0.1:${port}`)
  await untilAnswering(rpc)
  return {
    rpc,
    config: `anvil in memory, blocks on demand, gas limit ${gasLimit}`,
    async mine() {
      await rpc.request('evm_mine', [])
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const quantity = (value: number | bigint) => `0x${value.toString(16)}`

function workloadAlloc(): Alloc {
  const accounts = ADDRESSES.map((address) => [address, { balance: quantity(BALANCE) }])
  return { ...Object.fromEntries(accounts), [TOKEN]: { balance: '0x0', code: runtimeCode('WOPEN') } }
}

function anvilGenesis(gasLimit: number, alloc: Alloc): string {
  const zero = `0x${'00'.repeat(20)}`
  const header = { nonce: '0x0', timestamp: '0x6553f100', difficulty: '0x0', coinbase: zero, baseFeePerGas: '0x3e8' }
  return JSON.stringify({ config: { chainId: Number(CHAIN_ID) }, gasLimit: quantity(gasLimit), ...header, alloc })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

/** anvil is up in well under a second. */
async function untilAnswering(rpc: JsonRpcClient): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rpc.request('eth_chainId', [])
      return
    } catch (error) {
      if (attempt === 200) throw error
      await delay(50)
    }
  }
}
