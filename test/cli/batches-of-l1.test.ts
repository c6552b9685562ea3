/** `openledger decode-batches --l1-rpc` on what the batcher has put on a real L1 (anvil). */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serializeChainConfig } from '../../genesis/chain-config.ts'
import { transactionOf } from '../../node/derivation/testing/network.ts'
import type { HashedBlock } from '../../node/execution/block.ts'
import { bytesToHex } from '../../node/execution/bytes.ts'
import { DEPOSIT_TYPE } from '../../node/execution/transaction.ts'
import { anvilBinary, startAnvil, type TestAnvil } from '../../node/l1/testing/anvil.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { DataForm } from '../../sequencer/data-form.ts'
import { BatchedNetwork, batcherAddr } from '../../sequencer/testing/batched-network.ts'
import { openledger } from '../fixtures/command-line.ts'

/** Bytes of the one transaction in each block. */
const NINE_BLOCKS = new Array<number>(9).fill(20_000)
const LARGE_BLOCK = [180_000]

describe.skipIf(anvilBinary() === undefined)('openledger decode-batches on L1', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-batches-'))
  let anvil: TestAnvil
  beforeAll(async () => {
    anvil = await startAnvil()
  })
  afterAll(async () => {
    await anvil.stop()
    rmSync(folder, { recursive: true })
  })

  /** Blocks that a batcher has published, and how to read them back. */
  const published = async (dataForm: DataForm, maxBlobs: number, sizes: number[]) => {
    const network = await BatchedNetwork.on(anvil)
    for (const size of sizes) await network.sequence(1, transactionOf(randomBytes(size)))
    const batcher = network.batcher({ l1Rpc: [anvil.url], dataForm, maxBlobs, compression: 'zlib' })
    batcher.start()
    const { transactions, l1Block } = await network.event('published')
    await batcher.stop()
    const chain = join(folder, `${dataForm}-${maxBlobs}.json`)
    writeFileSync(chain, serializeChainConfig(network.config))
    const from = ['--l1-rpc', anvil.url, '--l1-blob-id', 'block-number', '--chain', chain]
    return { blocks: network.unsafe.blocks.slice(1), config: network.config, transactions, l1Block, from }
  }
  /** What is said of blocks, their transactions as `shown`. */
  const blocksOf = (blocks: HashedBlock[], shown: (raw: Uint8Array) => Uint8Array) =>
    blocks.map(({ block }) => {
      const sequenced = block.transactions.filter((raw) => raw[0] !== DEPOSIT_TYPE)
      return {
        timestamp: Number(block.header.timestamp),
        transactions: sequenced.map((raw) => bytesToHex(shown(raw))),
      }
    })
  const decode = async (...args: string[]) => {
    const { code, stdout, stderr } = await openledger('decode-batches', ...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout)
  }

  it.each(['blobs', 'calldata'] as const)('reads a channel from the %s of its transactions', async (form) => {
    const { blocks, config, transactions, from } = await published(form, 1, LARGE_BLOCK)
    expect(transactions).toHaveLength(2)
    const report = await decode(...from, ...transactions.flatMap((hash) => ['--tx', hash]))
    expect(report.kind).toBe('transactions')
    const expected = { from: batcherAddr, to: config.batchInboxAddress, type: form === 'blobs' ? 3 : 2 }
    expect(report.transactions).toMatchObject(transactions.map((hash) => ({ hash, ...expected })))
    const [channel, ...others] = report.channels
    expect([channel.frames, channel.compression, others]).toEqual([2, 'zlib', []])
    expect(channel.batches).toMatchObject([{ type: 'span', blockCount: 1, blocks: blocksOf(blocks, keccak256) }])
    const alone = await decode(...from, '--tx', transactions[0]!)
    expect(alone.channels).toMatchObject([{ frames: 1, error: expect.stringContaining('not whole') }])
  })

  it("reads the inbox's transactions of a block", async () => {
    const { blocks, transactions, l1Block, from } = await published('blobs', 2, NINE_BLOCKS)
    const report = await decode(...from, '--block', String(l1Block), '--transactions')
    expect(report.transactions).toMatchObject([{ hash: transactions[0], l1Block: { number: Number(l1Block) } }])
    expect(report.payloads).toHaveLength(2)
    expect(report.channels).toMatchObject([{ frames: 2, batches: [{ blocks: blocksOf(blocks, (raw) => raw) }] }])
  })

  it('says what L1 does not have', async () => {
    const from = ['--l1-rpc', anvil.url, '--l1-blob-id', 'block-number']
    const failure = async (...args: string[]) => {
      const { code, stderr } = await openledger('decode-batches', ...from, ...args)
      return `${code} ${stderr}`
    }
    expect(await failure('--tx', `0x${'12'.repeat(32)}`)).toMatch(/^1 .*L1 has no mined transaction 0x1212/)
    expect(await failure('--block', '999999', '--inbox', batcherAddr)).toMatch(/^1 .*L1 has no block 999999/)
    expect(await failure('--block', '1')).toMatch(/^1 .*needs --inbox or --chain/)
  })
})
