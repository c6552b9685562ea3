import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createWalletClient, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TemporaryError } from '../errors.ts'
import { bytesToHex } from '../execution/bytes.ts'
import { blobBaseFee, blobScheduleOf } from './blob-base-fee.ts'
import { EndpointPool, type Fetch } from './endpoint-pool.ts'
import { type JsonRpcL1Options, JsonRpcL1Source } from './json-rpc-source.ts'
import { blobVersionedHash } from './kzg.ts'
import { l1HeaderHash, l1HeaderSchema } from './l1-header.ts'
import { checkedReceipts, l1ReceiptSchema } from './l1-receipts.ts'
import { checkedTransactions, l1TransactionSchema } from './l1-transactions.ts'
import type { L1BlockRef } from './source.ts'
import { ANVIL_CHAIN_ID, ANVIL_KEY, anvilBinary, startAnvil, type TestAnvil } from './testing/anvil.ts'

describe('endpoints', () => {
  const answering = (answers: Record<string, () => Response>): { asked: string[]; fetch: Fetch } => {
    const asked: string[] = []
    const fetch: Fetch = async (url) => {
      asked.push(url)
      return answers[url]!()
    }
    return { asked, fetch }
  }
  const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status })
  const pool = (fetch: Fetch, urls: string[], maxResponseBytes = 1_000) =>
    new EndpointPool({ fetch }, { urls, timeout: 1_000, maxResponseBytes })

  it('are asked in turn until one answers, which is asked first the next time', async () => {
    const { asked, fetch } = answering({
      'http://a': () => json({ error: { code: -32000, message: 'busy' } }),
      'http://b': () => json('no', 503),
      'http://c': () => json({ result: '0x5' }),
    })
    const endpoints = pool(fetch, ['http://a', 'http://b', 'http://c'])
    expect(await endpoints.call('eth_x', [], z.string().parse)).toBe('0x5')
    expect(await endpoints.call('eth_x', [], z.string().parse)).toBe('0x5')
    expect(asked).toEqual(['http://a', 'http://b', 'http://c', 'http://c'])
  })

  it('that all fail end in one temporary error that names each by host and reason', async () => {
    const { fetch } = answering({
      'http://a/secret-key': () => json({ error: { code: -32000, message: 'busy' } }),
      'http://b': () => json({ result: 5 }),
    })
    const asking = pool(fetch, ['http://a/secret-key', 'http://b']).call('eth_x', [], z.string().parse)
    await expect(asking).rejects.toThrow(TemporaryError)
    await expect(asking).rejects.toThrow(/^eth_x: no endpoint answered: a: JSON-RPC error .*busy.*; b: /s)
    await expect(asking).rejects.not.toThrow(/secret/)
  })

  it('that answer with too much, or with no JSON, have failed', async () => {
    const { fetch } = answering({
      'http://a': () => json({ result: 'x'.repeat(2_000) }),
      'http://b': () => new Response('<html>'),
    })
    const asking = pool(fetch, ['http://a', 'http://b']).call('eth_x', [], z.string().parse)
    await expect(asking).rejects.toThrow(/over 1000 bytes.*not valid JSON/)
  })

  it('that accept and never answer have failed after the time limit', async () => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const endpoints = new EndpointPool({ fetch }, { urls: [url], timeout: 50, maxResponseBytes: 1_000 })
    await expect(endpoints.call('eth_x', [], String)).rejects.toThrow(/timeout/)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('blob base fee', () => {
  it('is 1 wei without excess, and e times that for an excess of one update fraction', () => {
    const schedule = blobScheduleOf(ANVIL_CHAIN_ID)
    expect(blobBaseFee(schedule, 0n, 0n)).toBe(1n)
    expect(blobBaseFee(schedule, 0n, 5_007_716n)).toBe(2n)
    expect(blobBaseFee(schedule, 0n, 10n * 5_007_716n)).toBe(22_026n)
  })

  it("follows Ethereum's forks by time", () => {
    const schedule = blobScheduleOf(1)
    const at = (time: bigint) => blobBaseFee(schedule, time, 50_000_000n)
    expect(at(1_746_612_310n)).toBeGreaterThan(at(1_746_612_311n))
    expect(at(1_746_612_311n)).toBeGreaterThan(at(1_767_747_671n))
  })
})

describe('blobs of a beacon node', () => {
  const blob = new Uint8Array(131_072)
  const other = Uint8Array.from(blob, (_, index) => (index === 1 ? 1 : 0))
  const block: L1BlockRef = {
    hash: `0x${'01'.repeat(32)}`,
    number: 7n,
    parentHash: `0x${'00'.repeat(32)}`,
    timestamp: 1_240n,
  }
  /** Genesis at 1,000 s and 12 s a slot: the block's slot is 20. */
  const beacon =
    (served: Uint8Array[]): Fetch =>
    async (url) => {
      const { pathname } = new URL(url)
      const answers: Record<string, unknown> = {
        '/eth/v1/beacon/genesis': { genesis_time: '1000' },
        '/eth/v1/config/spec': { SECONDS_PER_SLOT: '12' },
        '/eth/v1/beacon/blobs/20': served.map((bytes) => bytesToHex(bytes)),
      }
      return new Response(JSON.stringify({ data: answers[pathname] }), { status: pathname in answers ? 200 : 404 })
    }
  const source = (served: Uint8Array[]) =>
    new JsonRpcL1Source({ rpc: ['http://rpc'], beacon: ['http://beacon'] }, { fetch: beacon(served) })

  it('are found by slot, whatever else the block holds, in the order asked for', async () => {
    const hashes = await Promise.all([blob, other].map(blobVersionedHash))
    const found = await source([other, blob]).blobs(block, hashes)
    expect(found.map((bytes) => bytes[1])).toEqual([0, 1])
  })

  it('that do not have the versioned hash are refused', async () => {
    const wanted = [await blobVersionedHash(blob)]
    await expect(source([other]).blobs(block, wanted)).rejects.toThrow(/of its 1 blobs none has hash 0x01/)
    await expect(source([blob.fill(0xff)]).blobs(block, wanted)).rejects.toThrow(/KZG/)
  })
})

const conformance = join(
  process.env.OPENLEDGER_CONFORMANCE ?? join(import.meta.dirname, '../../../shared/conformance'),
  'rpc-compat',
)
const answerOf = (file: string): unknown => {
  const line = readFileSync(join(conformance, file), 'utf8')
    .split('\n')
    .find((text) => text.startsWith('<< '))
  return (JSON.parse(line!.slice(3)) as { result: unknown }).result
}

describe.skipIf(!existsSync(conformance))("geth's own answers (conformance/rpc-compat)", () => {
  it.each([
    'genesis',
    'latest',
    'finalized',
    'safe',
    'block-london-fork',
    'block-merge-fork',
    'block-shanghai-fork',
    'block-prague-fork',
  ])('header get-%s.io hashes to its hash, its transactions have its root', (name) => {
    const answer = answerOf(`eth_getBlockByNumber/get-${name}.io`)
    const header = l1HeaderSchema.parse(answer)
    expect(l1HeaderHash(header)).toBe(header.hash)
    const transactions = z.array(z.unknown()).parse((answer as { transactions: unknown }).transactions)
    if (transactions.some((transaction) => typeof transaction === 'string')) return
    const parsed = z.array(l1TransactionSchema).parse(transactions)
    expect(checkedTransactions(parsed, header.transactionsRoot)).toHaveLength(parsed.length)
  })

  it('receipts get-block-receipts-latest.io have the root of the latest block', () => {
    const header = l1HeaderSchema.parse(answerOf('eth_getBlockByNumber/get-latest.io'))
    const receipts = z.array(l1ReceiptSchema).parse(answerOf('eth_getBlockReceipts/get-block-receipts-latest.io'))
    expect(checkedReceipts(receipts, header.receiptsRoot)).toHaveLength(receipts.length)
    const changed = receipts.map((receipt) => ({ ...receipt, cumulativeGasUsed: receipt.cumulativeGasUsed + 1n }))
    expect(() => checkedReceipts(changed, header.receiptsRoot)).toThrow(/have root/)
  })
})

describe.skipIf(anvilBinary() === undefined)('an L1 of anvil', () => {
  let anvil: TestAnvil
  const account = privateKeyToAccount(ANVIL_KEY)
  const source = (changeAnswer?: (method: string, answer: string) => string) => {
    const tampering: Fetch = async (url, init) => {
      const answer = await (await fetch(url, init)).text()
      const { method } = JSON.parse(String(init.body)) as { method: string }
      return new Response(url.includes('127.0.0.1') ? (changeAnswer?.(method, answer) ?? answer) : answer)
    }
    const options: JsonRpcL1Options = {
      rpc: [anvil.url],
      beacon: [anvil.url],
      blobId: 'block-number',
      l1ChainId: ANVIL_CHAIN_ID,
    }
    return new JsonRpcL1Source(options, changeAnswer === undefined ? {} : { fetch: tampering })
  }

  beforeAll(async () => {
    anvil = await startAnvil('--no-mining')
    const wallet = createWalletClient({ account, transport: http(anvil.url) })
    const common = {
      account,
      chain: null,
      chainId: ANVIL_CHAIN_ID,
      to: account.address,
      value: 1n,
      gas: 60_000n,
    } as const
    const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n }
    const accessList = [{ address: account.address, storageKeys: [`0x${'01'.repeat(32)}`] as Hex[] }]
    await wallet.sendTransaction({ ...common, type: 'legacy', gasPrice: 3_000_000_000n, nonce: 0 })
    await wallet.sendTransaction({ ...common, type: 'eip2930', gasPrice: 3_000_000_000n, accessList, nonce: 1 })
    await wallet.sendTransaction({ ...common, type: 'eip1559', ...fees, accessList, nonce: 2, data: '0x1234' })
    const authorization = await account.signAuthorization({ address: account.address, chainId: 0, nonce: 9 })
    await wallet.sendTransaction({ ...common, type: 'eip7702', ...fees, authorizationList: [authorization], nonce: 3 })
    // A constructor that emits one log with a topic: LOG1(0, 0, 7).
    await wallet.sendTransaction({
      ...common,
      to: null,
      value: 0n,
      type: 'eip1559',
      ...fees,
      nonce: 4,
      data: '0x600760006000a1',
    })
    await anvil.request('anvil_mine', ['0x1'])
  })
  afterAll(() => anvil.stop())

  it('gives blocks by number, hash and tag; undefined where there is none', async () => {
    const l1 = source()
    const block = await l1.blockByNumber(1n)
    expect(block).toMatchObject({ number: 1n, blobBaseFee: 1n })
    expect(await l1.blockByHash(block!.hash)).toEqual(block)
    expect(await l1.blockByTag('latest')).toEqual(block)
    expect(await l1.blockByNumber(2n)).toBeUndefined()
    expect(await l1.blockByHash(`0x${'77'.repeat(32)}`)).toBeUndefined()
  })

  it('gives transactions of all types and receipts with their logs, all checked', async () => {
    const l1 = source()
    const { hash } = (await l1.blockByNumber(1n))!
    const transactions = await l1.transactions(hash)
    expect(transactions.map(({ type }) => type).toSorted()).toEqual([0, 1, 2, 2, 4])
    expect(transactions.every(({ from }) => from === account.address.toLowerCase())).toBe(true)
    const receipts = await l1.receipts(hash)
    expect(receipts.flatMap(({ logs }) => logs.map(({ topics }) => topics))).toEqual([[`0x${'07'.padStart(64, '0')}`]])
    expect(await l1.receipts(hash)).toBe(receipts)
  })

  it.each([
    ['a header', 'eth_getBlockByNumber', /"gasUsed":"0x[0-9a-f]+"/, '"gasUsed":"0x1"', /hashes to/],
    ['a receipt', 'eth_getBlockReceipts', /"status":"0x1"/, '"status":"0x0"', /receipts have root/],
    ['a sender', 'eth_getBlockByHash', /"from":"0xf39f/g, '"from":"0xf39e', /is said to be from/],
    ['a call', 'eth_getBlockByHash', /"input":"0x1234"/, '"input":"0x1235"', /transactions have root/],
  ])('whose endpoint lies about %s is refused', async (_, method, from, to, reason) => {
    const l1 = source((asked, answer) => (asked === method ? answer.replace(from, to) : answer))
    const asking = async () => {
      const block = await l1.blockByNumber(1n)
      await l1.receipts(block!.hash)
      await l1.transactions(block!.hash)
    }
    await expect(asking()).rejects.toThrow(TemporaryError)
    await expect(asking()).rejects.toThrow(reason)
  })
})
