/** The commands of the wire as a person runs them: decode-batches and genesis-hash. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRegistryChain } from '../../cli/registry-chain.ts'
import { encodeBlob } from '../../node/derivation/blob.ts'
import { encodeFrames } from '../../node/derivation/frame.ts'
import { memoryNetwork } from '../../node/derivation/testing/network.ts'
import { bytesToHex } from '../../node/execution/bytes.ts'
import { openledger } from '../fixtures/command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'openledger-wire-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function decode(...args: string[]) {
  const { code, stdout, stderr } = await openledger('decode-batches', ...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

describe('openledger decode-batches', { timeout: 60_000 }, () => {
  let frames: Awaited<ReturnType<Awaited<ReturnType<typeof memoryNetwork>>['frames']>>

  beforeAll(async () => {
    const network = await memoryNetwork({}, 'span')
    frames = await network.frames(await network.sequence(7), 80)
    expect(frames.length).toBeGreaterThan(1)
  })

  it('puts the frames of several payloads together, in hexadecimal text', async () => {
    const path = write('payloads', frames.map((frame) => bytesToHex(encodeFrames([frame]))).join('\n'))
    const report = await decode(path, '--chain-id', '901')
    expect(report.kind).toBe('payloads')
    expect(report.payloads).toHaveLength(frames.length)
    expect(report.channels).toMatchObject([{ id: frames[0]!.channel, frames: frames.length, compression: 'brotli' }])
    const [batch] = report.channels[0].batches
    expect(batch).toMatchObject({ type: 'span', relTimestamp: 2, blockCount: 7, transactionCount: 7 })
    expect(batch.blocks.map(({ transactions }: { transactions: string[] }) => transactions.length)).toEqual(
      new Array(7).fill(1),
    )
  })

  it('reads a blob, and says of a channel that it is not whole', async () => {
    const report = await decode(write('blob', encodeBlob(encodeFrames(frames.slice(0, 1)))))
    expect(report.channels[0].error).toMatch(/not whole/)
  })

  it('says what it cannot read', async () => {
    const { code, stderr } = await openledger('decode-batches', write('text', 'no batch'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/is no batcher transaction, payload, blob, channel or batch/)
    expect((await openledger('decode-batches')).stderr).toMatch(/give a file, or --l1-rpc with either --tx or --block/)
  })
})

const samples = join(process.env.OPENLEDGER_CONFORMANCE ?? '../shared/conformance', 'op')

describe.skipIf(!existsSync(samples))("the commands on op-node's and the registry's data", { timeout: 60_000 }, () => {
  it.each<[string, object, number]>([
    ['batch.hex', { kind: 'channel', compression: 'zlib' }, 143],
    ['raw_batch.hex', { kind: 'batch' }, 4],
    ['raw_batcher_tx.hex', { kind: 'transactions' }, 27],
  ])('decode-batches %s', async (name, expected, blocks) => {
    const report = await decode(join(samples, name), '--chain-id', '10')
    expect(report).toMatchObject(expected)
    const batches = report.batches ?? report.channels[0].batches
    expect(batches.map(({ blockCount }: { blockCount: number }) => blockCount)).toEqual([blocks])
  })

  it('genesis-hash prints the hash, and tells where it is not the one in the entry', async () => {
    const file = join(samples, 'genesis', 'sepolia-ink.json.gz')
    const toml = join(samples, 'genesis', 'sepolia-ink.toml')
    const hash = '0xe5fd5cf0be56af58ad5751b401410d6b7a09d830fa459789746a3d0dd1c79834'
    expect(await openledger('genesis-hash', file, '--config', toml)).toEqual({
      code: 0,
      stdout: `${hash}\n`,
      stderr: '',
    })
    const other = write('other.toml', readFileSync(toml, 'utf8').replace(hash, `0x${'11'.repeat(32)}`))
    const { code, stdout, stderr } = await openledger('genesis-hash', file, '--config', other)
    expect({ code, stdout }).toEqual({ code: 1, stdout: `${hash}\n` })
    expect(stderr).toMatch(/other\.toml says 0x1111/)
  })
})

describe("a chain's entry in the registry", () => {
  const entry = (head: string, forks: string) => `name = "x"\n${head}\n[hardforks]\n${forks}\n[genesis]\nl2_time = 1\n`

  it("has the network's forks from the time on that it shares them, and its own before all", () => {
    const toml = entry('superchain_time = 1710374401', 'delta_time = 5 # comment\n  fjord_time = 1720627202')
    const { schedule } = parseRegistryChain(toml, 'x', 'mainnet')
    expect(schedule).toMatchObject({ regolith: 0n, delta: 5n, ecotone: 1710374401n, fjord: 1720627202n })
    expect(schedule.canyon).toBeUndefined()
    expect(() => parseRegistryChain(toml, 'x', undefined)).toThrow(/name the network with --network/)
  })

  it('that shares none has only its own', () => {
    const { schedule } = parseRegistryChain(entry('', 'canyon_time = 0'), 'x', 'sepolia')
    expect(schedule).toEqual({ regolith: 0n, canyon: 0n })
  })

  it('with a fork that is no time is refused by name', () => {
    expect(() => parseRegistryChain(entry('', 'canyon_time = "soon"'), 'x', undefined)).toThrow(
      /x: hardforks\.canyon_time: must be a whole number, got "soon"/,
    )
  })
})
