/** What cannot be started says why in one line, exits with code 1, and leaves nothing behind. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nodeVersionError } from '../../cli/check-node.mjs'
import { buildProgram } from '../../cli/main.ts'
import { describeFailure } from '../../cli/user-error.ts'
import { serializeChainConfig } from '../../genesis/chain-config.ts'
import { MemoryL1 } from '../../node/chain/testing/memory-l1.ts'
import { testConfig } from '../../node/chain/testing/test-chain.ts'
import { type Ended, openledger, PROGRAM, run, takenPort, temporaryFolder } from '../fixtures/command-line.ts'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.dispose())

/** Runs a command in this process, which is quicker, and gives the line that its failure would print. */
async function failureOf(...args: string[]): Promise<string> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const program = await buildProgram(args[0])
  const failed = await program.parseAsync(['node', 'openledger', ...args]).then(
    () => undefined,
    (error: unknown) => error,
  )
  const lines = printed.mock.calls
  printed.mockRestore()
  expect(lines).toEqual([])
  const line = describeFailure(failed)
  expect(line).not.toContain('\n')
  return line
}

/** The one line of a process's failure: exit code 1, no stack, nothing on standard output. */
function failure({ code, stdout, stderr }: Ended): string {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^openledger: .+\n$/)
  return stderr.trimEnd()
}

const leftBehind = () => (existsSync(folder.path) ? readdirSync(folder.path, { recursive: true }) : [])

/** Writes a chain config, with one field changed, and gives its path. */
async function chainFile(change?: { [field: string]: unknown }): Promise<string> {
  const config = await testConfig(new MemoryL1(1_700_000_000n).head)
  const path = join(dirname(folder.path), 'chain.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(serializeChainConfig(config)), ...change }))
  return path
}

const verifier = (chain: string, ...args: string[]) => [
  ...['verifier', '--chain', chain, '--data-dir', folder.path],
  ...['--l1-rpc', 'http://127.0.0.1:1', '--l1-beacon', 'http://127.0.0.1:1', ...args],
]

describe('a chain config', () => {
  it('that is not there', async () => {
    expect(await failureOf(...verifier('/nowhere/chain.json'))).toMatch(
      /^--chain: cannot read \/nowhere\/chain\.json: ENOENT/,
    )
    expect(leftBehind()).toEqual([])
  })

  it('with a wrong field names file, field, value and rule', async () => {
    const path = await chainFile({ batchInboxAddress: '0x12' })
    expect(failure(await openledger(...verifier(path)))).toBe(
      `openledger: --chain ${path}: chain config: batchInboxAddress: must be 0x and 40 hexadecimal digits, got "0x12"`,
    )
    expect(leftBehind()).toEqual([])
  })

  it('of a data directory that is damaged', async () => {
    mkdirSync(join(folder.path, 'l1'), { recursive: true })
    const path = join(folder.path, 'chain.json')
    writeFileSync(path, '{"name":')
    const message = await failureOf('devnet', '--data-dir', folder.path, '--rpc-port', '0', '--l1-port', '0')
    expect(message).toMatch(new RegExp(`^--data-dir ${path}: chain config is not JSON: `))
    expect(leftBehind()).toEqual(['chain.json', 'l1'])
  })
})

describe('a port that is taken', () => {
  let taken: Awaited<ReturnType<typeof takenPort>>
  beforeEach(async () => {
    taken = await takenPort()
  })
  afterEach(() => taken.free())

  it('as --rpc-port of a network, before anything is started or written', async () => {
    const args = ['devnet', '--data-dir', folder.path, '--l1-port', '0', '--rpc-port', String(taken.port)]
    expect(failure(await openledger(...args))).toBe(
      `openledger: --rpc-port: port ${taken.port} cannot be used (listen EADDRINUSE: address already in use 127.0.0.1:${taken.port}): stop what listens there or choose another`,
    )
    expect(leftBehind()).toEqual([])
  })

  it('as --l1-port of a network', async () => {
    const args = ['devnet', '--data-dir', folder.path, '--rpc-port', '0', '--l1-port', String(taken.port)]
    expect(await failureOf(...args)).toBe(
      `L1 port ${taken.port} is taken: stop what listens there or choose another port`,
    )
    expect(leftBehind()).toEqual([])
  })

  it('as --rpc-port of a node', async () => {
    expect(await failureOf(...verifier(await chainFile(), '--rpc-port', String(taken.port)))).toBe(
      `--rpc-port: cannot listen on 127.0.0.1:${taken.port}: listen EADDRINUSE: address already in use 127.0.0.1:${taken.port}`,
    )
  })
})

describe('a key file', () => {
  const sequencer = async (key: string) => {
    const files = ['--sequencer-key-file', key, '--batcher-key-file', key]
    return failureOf(...['sequencer', ...verifier(await chainFile()).slice(1), ...files])
  }

  it('that is not there', async () => {
    expect(await sequencer('/nowhere/key')).toMatch(/^--sequencer-key-file: cannot read \/nowhere\/key: ENOENT/)
    expect(leftBehind()).toEqual([])
  })

  it('that holds no key, which is not printed', async () => {
    const key = join(dirname(folder.path), 'key')
    writeFileSync(key, '0xsecret')
    const message = await sequencer(key)
    expect(message).toBe(`--sequencer-key-file: ${key} must hold a private key, 0x and 64 hexadecimal digits`)
    expect(leftBehind()).toEqual([])
  })
})

it('no anvil, neither the package nor on PATH', async () => {
  const hidden = fileURLToPath(new URL('./without-anvil.cjs', import.meta.url))
  const args = ['devnet', '--data-dir', folder.path, '--rpc-port', '0', '--l1-port', '0']
  const ended = await run(process.execPath, ['--require', hidden, PROGRAM, ...args], { ...process.env, PATH: '' })
  expect(failure(ended)).toBe(
    "openledger: anvil is missing: install the optional package @foundry-rs/anvil-linux-amd64 (npm ci) or put Foundry's anvil on PATH",
  )
  expect(leftBehind()).toEqual([])
})

it('a database that another process has open; that one goes on, and TERM ends it well', async () => {
  const args = verifier(await chainFile(), '--rpc-port', '0')
  const first = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(first, 'close')
  const [ready] = await once(createInterface({ input: first.stdout }), 'line')
  expect(ready).toMatch(/^verifier is ready: rpcUrl http:\/\/127\.0\.0\.1:\d+, p2pAddress /)
  const message = failure(await openledger(...args))
  expect(message).toContain(join(folder.path, 'chain'))
  expect(message).toMatch(/another process|locked|in use/)
  first.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

describe('a Node that is too old', () => {
  it.each([
    ['20.20.2', true],
    ['22.17.1', true],
    ['22.18.0', false],
    ['23.0.0', false],
    ['24.21.0', false],
  ])('%s: %s', (version, isTooOld) => {
    const message = nodeVersionError(version)
    expect(message !== undefined).toBe(isTooOld)
    if (isTooOld)
      expect(message).toMatch(
        new RegExp(`^openledger: Node ${version} is too old, 22\\.18 or newer is needed; [^\n]+$`),
      )
  })

  const old = oldNode()
  it.skipIf(old === undefined)('says so by itself, where this machine has one', async () => {
    expect(failure(await run(old!, [PROGRAM, '--version']))).toMatch(
      /^openledger: Node \S+ is too old, 22\.18 or newer/,
    )
    expect(
      failure(await run(old!, [fileURLToPath(new URL('../../cli/check-node.mjs', import.meta.url)), 'vitest'])),
    ).toMatch(/^openledger: Node \S+ is too old/)
  })
})

/** A `node` on PATH that is older than the project needs. */
function oldNode(): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((file) => existsSync(file))
    .find(
      (file) =>
        nodeVersionError(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1)) !== undefined,
    )
}
