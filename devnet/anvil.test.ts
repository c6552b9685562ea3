import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as cKzg from 'c-kzg'
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineKzg,
  http,
  parseEther,
  parseGwei,
  stringToHex,
  toBlobs,
  zeroAddress,
} from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { developmentAccount } from './accounts.ts'
import { Anvil, AnvilError, anvilBinary } from './anvil.ts'

const binary = (() => {
  try {
    return anvilBinary()
  } catch (error) {
    if (error instanceof AnvilError) return undefined
    throw error
  }
})()

let dataDir: string
let anvils: Anvil[]
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'openledger-anvil-'))
  anvils = []
})
afterEach(async () => {
  for (const anvil of anvils) await anvil.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function start(options: Partial<Parameters<typeof Anvil.start>[0]> = {}): Promise<Anvil> {
  const anvil = await Anvil.start({ dataDir, port: 0, blockTime: 1, ...options })
  anvils.push(anvil)
  return anvil
}

const read = (anvil: Anvil) => createPublicClient({ transport: http(anvil.url), pollingInterval: 50 })

async function mine(anvil: Anvil, blocks: number): Promise<void> {
  await createTestClient({ mode: 'anvil', transport: http(anvil.url) }).mine({ blocks })
}

/** Kills as a machine's crash would, and waits for the end. */
async function kill(anvil: Anvil): Promise<void> {
  process.kill(anvil.pid, 'SIGKILL')
  for (;;) {
    try {
      await read(anvil).getBlockNumber({ cacheTime: 0 })
    } catch {
      return // nobody answers: it is gone
    }
  }
}

describe.skipIf(binary === undefined)('Anvil', () => {
  it('starts fresh, then is adopted with its chain by the next start, then ended by process id', async () => {
    const first = await start()
    expect(first.origin).toBe('fresh')
    await mine(first, 3)
    await first.stop({ keep: true })

    const second = await start()
    expect(second).toMatchObject({ origin: 'adopted', pid: first.pid, url: first.url, genesisHash: first.genesisHash })
    expect(await read(second).getBlockNumber()).toBeGreaterThanOrEqual(3n)
    await second.stop()
    await expect(read(second).getBlockNumber()).rejects.toThrow()
    expect(existsSync(join(dataDir, 'anvil.pid'))).toBe(false)
  })

  it('keeps blocks, balances, receipts and blobs of the last save through a kill -9', async () => {
    const first = await start()
    const account = developmentAccount('batcher')
    await first.fund([account.address], parseEther('10'))
    const wallet = createWalletClient({ account, transport: http(first.url) })
    cKzg.loadTrustedSetup(0)
    const kzg = defineKzg(cKzg)
    const hash = await wallet.sendTransaction({
      blobs: toBlobs({ data: stringToHex('a batch') }),
      kzg,
      blobVersion: '4844',
      chain: null,
      maxFeePerBlobGas: parseGwei('1'),
      to: zeroAddress,
    })
    const receipt = await read(first).waitForTransactionReceipt({ hash })
    const block = await read(first).getBlock({ blockNumber: receipt.blockNumber })
    const blobsOf = async (anvil: Anvil) =>
      (await fetch(`${anvil.url}/eth/v1/beacon/blobs/${receipt.blockNumber}`)).json()
    const blobs = await blobsOf(first)
    expect(JSON.stringify(blobs)).toContain(stringToHex('a batch').slice(2))
    await first.save()
    await mine(first, 5)
    await kill(first)

    const second = await start()
    expect(second).toMatchObject({ origin: 'restored', genesisHash: first.genesisHash })
    expect((await read(second).getBlock({ blockNumber: receipt.blockNumber })).hash).toBe(block.hash)
    expect((await read(second).getTransactionReceipt({ hash })).blockHash).toBe(block.hash)
    expect(await read(second).getTransactionCount({ address: account.address })).toBe(1)
    expect(await blobsOf(second)).toEqual(blobs)
  })

  it('outlives a kill -9 of the process that started it', async () => {
    const program = `import { Anvil } from ${JSON.stringify(new URL('./anvil.ts', import.meta.url).href)}
      const anvil = await Anvil.start({ dataDir: ${JSON.stringify(dataDir)}, port: 0, blockTime: 1 })
      console.log(anvil.pid)
      setInterval(() => {}, 1_000)`
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = Number(await new Promise((resolve) => starter.stdout.once('data', resolve)))
    starter.kill('SIGKILL')
    await new Promise((resolve) => starter.once('exit', resolve))
    expect(await start()).toMatchObject({ origin: 'adopted', pid })
  })

  it('keeps its block 0 and a clock that runs with ours through restart after restart', async () => {
    const first = await start()
    await mine(first, 2)
    await first.stop()
    let height = 0n
    for (let restart = 0; restart < 4; restart++) {
      const anvil = await start()
      expect(anvil).toMatchObject({ origin: 'restored', genesisHash: first.genesisHash })
      await mine(anvil, 1)
      const head = await read(anvil).getBlock()
      const parent = await read(anvil).getBlock({ blockHash: head.parentHash })
      expect(head.number).toBeGreaterThan(height)
      expect(head.timestamp).toBeGreaterThan(parent.timestamp)
      expect(Math.abs(Number(head.timestamp) - Date.now() / 1_000)).toBeLessThan(10)
      height = head.number
      await anvil.stop()
    }
  })

  it('takes a fresh chain where the first one was killed before its first save', async () => {
    const first = await start()
    await kill(first)
    const second = await start()
    expect(second.origin).toBe('fresh')
  })

  it('moves to the wanted port with its chain', async () => {
    const first = await start()
    await mine(first, 3)
    await first.stop({ keep: true })
    const port = await withServer(async (_, free) => free)
    await first.save()
    const second = await start({ port })
    expect(second).toMatchObject({ origin: 'restored', port, genesisHash: first.genesisHash })
    expect(await read(second).getBlockNumber()).toBeGreaterThanOrEqual(3n)
  })

  it('says in one line that a port is taken', async () => {
    await withServer(async (_, port) => {
      await expect(start({ port })).rejects.toThrow(
        new AnvilError(`L1 port ${port} is taken: stop what listens there or choose another port`),
      )
    })
  })

  it('leaves a process alone that only has the process id of an old anvil', async () => {
    const first = await start()
    await first.stop()
    const stranger = spawn('sleep', ['60'])
    writeFileSync(join(dataDir, 'anvil.pid'), `${stranger.pid}\n`)
    const second = await start()
    expect(second.origin).toBe('restored')
    expect(stranger.exitCode).toBeNull()
    expect(stranger.signalCode).toBeNull()
    stranger.kill('SIGKILL')
  })

  it('refuses a data directory of another L1 chain', async () => {
    await (await start({ chainId: 900 })).stop()
    await expect(start({ chainId: 901 })).rejects.toThrow('belongs to L1 chain 900, not 901')
  })
})

describe('anvilBinary', () => {
  it('says in one line how to get anvil where there is none', () => {
    expect(() => anvilBinary('', 'no-such-package')).toThrow(
      'anvil is missing: install the optional package no-such-package (npm ci) or put',
    )
  })

  it("finds Foundry's on PATH", () => {
    writeFileSync(join(dataDir, 'anvil'), '#!/bin/sh\n', { mode: 0o755 })
    expect(anvilBinary(`/nowhere:${dataDir}`, 'no-such-package')).toBe(join(dataDir, 'anvil'))
  })
})

/** A listener on a free port for as long as the work takes. */
async function withServer<T>(work: (server: Server, port: number) => Promise<T>): Promise<T> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  try {
    return await work(server, typeof address === 'object' && address !== null ? address.port : 0)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}
