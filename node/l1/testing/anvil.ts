/** A throw-away anvil for tests: from npm or the path; undefined where there is none, so that a test can be skipped by name. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

export type TestAnvil = {
  url: string
  request: (method: string, params?: unknown[]) => Promise<unknown>
  stop: () => Promise<void>
}

/** anvil's first development account, funded at its genesis. */
export const ANVIL_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
export const ANVIL_CHAIN_ID = 900

export function anvilBinary(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/package.json')
    return join(dirname(manifest), 'bin/anvil')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    return spawnSync('anvil', ['--version']).status === 0 ? 'anvil' : undefined
  }
}

/** Mines a block with each transaction unless `arguments_` say otherwise. */
export async function startAnvil(...arguments_: string[]): Promise<TestAnvil> {
  const binary = anvilBinary()
  if (binary === undefined) throw new Error('there is no anvil')
  const process = spawn(
    binary,
    ['--host', '127.0.0.1', '--port', '0', '--chain-id', String(ANVIL_CHAIN_ID), '--hardfork', 'osaka', ...arguments_],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let url: string | undefined
  for await (const line of createInterface({ input: process.stdout })) {
    const address = /Listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1]
    if (address === undefined) continue
    url = `http://${address}`
    break
  }
  if (url === undefined) throw new Error('anvil ended before it listened')
  process.stdout.resume()
  const endpoint = url
  return {
    url,
    request: async (method, params = []) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
      const answer = await fetch(endpoint, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } }
      if (error !== undefined) throw new Error(`${method}: ${error.message}`)
      return result
    },
    stop: async () => {
      const ended = once(process, 'exit')
      process.kill('SIGKILL')
      await ended
    },
  }
}
