/** The batcher against a real L1 (anvil); L2 blocks are made without execution, and derived back from L1. */
import { randomBytes } from 'node:crypto'
import { type Hex, parseTransaction } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../node/chain/clock.ts'
import { MemoryL2 } from '../node/derivation/testing/memory-l2.ts'
import { transactionOf } from '../node/derivation/testing/network.ts'
import { ANVIL_CHAIN_ID, ANVIL_KEY, anvilBinary, startAnvil, type TestAnvil } from '../node/l1/testing/anvil.ts'
import type { Batcher } from './batcher.ts'
import { blobSidecar, wrapBlobTransaction } from './blob-transaction.ts'
import { L1Wallet, type L1WalletOptions } from './l1-wallet.ts'
import { BatchedNetwork, batcherAddr } from './testing/batched-network.ts'

// The first blob of a process waits for KZG's setup, seconds where the machine is busy.
describe.skipIf(anvilBinary() === undefined)('the batcher', { timeout: 120_000 }, () => {
  let anvil: TestAnvil
  let stop: (() => Promise<void>)[]
  const start = (batcher: Batcher): Batcher => {
    batcher.start()
    stop.push(() => batcher.stop())
    return batcher
  }

  beforeAll(async () => {
    anvil = await startAnvil()
  })
  afterAll(() => anvil.stop())
  beforeEach(() => {
    stop = []
  })
  afterEach(async () => {
    for (const end of stop) await end()
  })

  it.each(['4844', '7594'] as const)(
    'publishes blocks in blobs from which a verifier derives them (sidecar %s)',
    async (sidecar) => {
      const network = await BatchedNetwork.on(anvil)
      const before = await transactionCount(anvil)
      await network.sequence(30)
      start(network.batcher({ l1Rpc: [anvil.url], sidecar }))
      const published = await network.event('published')
      expect(published).toMatchObject({ from: 1n, to: 30n, blobs: 1 })
      expect(await transactionCount(anvil)).toBe(before + 1n)
      await network.derive()
      expect(network.verifier.head.hash).toBe(network.unsafe.head.hash)
      await network.sequence(5)
      await network.publishedTo(35n)
      await network.derive()
      expect(network.verifier.head.hash).toBe(network.unsafe.head.hash)
    },
  )

  it('sends a channel of more blobs than a transaction takes in several, in order', async () => {
    const network = await BatchedNetwork.on(anvil)
    await network.sequence(1, transactionOf(randomBytes(300_000)))
    start(network.batcher({ l1Rpc: [anvil.url], maxBlobs: 2, compression: 'zlib' }))
    const published = await network.event('published')
    expect(published.blobs).toBe(3)
    expect(published.transactions).toHaveLength(2)
    await network.derive()
    expect(network.verifier.head.hash).toBe(network.unsafe.head.hash)
  })

  it.each([
    ['span', 'brotli', 'calldata'],
    ['span', 'zlib', 'blobs'],
    ['singular', 'brotli', 'blobs'],
    ['singular', 'zlib', 'calldata'],
  ] as const)('publishes %s batches in %s as %s', async (batchType, compression, dataForm) => {
    const network = await BatchedNetwork.on(anvil)
    for (let block = 0; block < 12; block++) await network.sequence(1, transactionOf(randomBytes(20_000)))
    start(network.batcher({ l1Rpc: [anvil.url], batchType, compression, dataForm }))
    const published = await network.event('published')
    expect(published).toMatchObject({ form: dataForm, blobs: dataForm === 'blobs' ? 2 : 0 })
    expect(published.transactions).toHaveLength(dataForm === 'blobs' ? 1 : 3)
    await network.derive()
    expect(network.verifier.head.hash).toBe(network.unsafe.head.hash)
  })

  it('alarms at each quarter of the window, from half of it on, that a block is not safe', async () => {
    const network = await BatchedNetwork.on(anvil, { seqWindowSize: 8 })
    await network.sequence(1)
    start(network.batcher({ l1Rpc: [anvil.url], maxInFlight: 0 }))
    await network.event('waiting')
    expect(network.events.filter(({ kind }) => kind === 'alarm')).toEqual([])
    const alarm = async (mined: string) => {
      const heard = network.events.length
      await anvil.request('anvil_mine', [mined])
      return network.event('alarm', heard)
    }
    expect(await alarm('0x5')).toEqual({ kind: 'alarm', l2Block: 1n, l1BlocksLeft: 3n, window: 8 })
    expect(await alarm('0x1')).toMatchObject({ l1BlocksLeft: 2n })
    expect(await alarm('0x9')).toMatchObject({ l1BlocksLeft: 0n })
    expect(network.events.filter(({ kind }) => kind === 'alarm')).toHaveLength(3)
  })

  it('asks for smaller blocks while much data waits, and takes it back', async () => {
    const network = await BatchedNetwork.on(anvil)
    await network.sequence(4, transactionOf(randomBytes(5_000)))
    const batcher = network.batcher({ l1Rpc: [anvil.url], throttle: { lower: 15_000, upper: 25_000 } })
    expect(batcher.dataLimits()).toBeUndefined()
    start(batcher)
    const throttled = await network.event('throttled')
    expect(throttled.waitingBytes).toBeGreaterThan(20_000)
    expect(throttled.limits!.maxBlockBytes).toBeLessThan(130_000)
    await network.event('published')
    expect((await network.event('throttled', network.events.indexOf(throttled) + 1)).limits).toBeUndefined()
    expect(batcher.dataLimits()).toBeUndefined()
  })

  it('starts, in another life, after what L1 already holds, once L1 has been read', async () => {
    const network = await BatchedNetwork.on(anvil)
    await network.sequence(3)
    const first = start(network.batcher({ l1Rpc: [anvil.url] }))
    await network.event('published')
    await first.stop()
    await network.sequence(2)
    const from = network.events.length
    start(network.batcher({ l1Rpc: [anvil.url] }))
    expect((await network.event('waiting', from)).reason).toMatch(/^L1 is being read up to block \d+$/)
    await network.derive()
    expect(await network.publishedTo(5n, from)).toMatchObject({ from: 4n })
  })

  it('publishes again what L1 was read past without it becoming safe', async () => {
    const network = await BatchedNetwork.on(anvil)
    await network.sequence(2)
    start(network.batcher({ l1Rpc: [anvil.url] }))
    const published = await network.event('published')
    network.currentL1 = { ...network.currentL1, number: published.l1Block + 3n }
    expect(await network.event('rewound')).toMatchObject({ safe: 0n })
    const again = await network.event('published', network.events.indexOf(published) + 1)
    expect(again).toMatchObject({ from: 1n, to: 2n })
    await network.derive()
    expect(network.verifier.head.hash).toBe(network.unsafe.head.hash)
  })

  it('follows a reorganization of L2', async () => {
    const network = await BatchedNetwork.on(anvil)
    await network.sequence(4)
    start(network.batcher({ l1Rpc: [anvil.url] }))
    const published = await network.event('published')
    const fork = new MemoryL2(network.config)
    fork.blocks.push(...network.unsafe.blocks.slice(1, 3))
    for (let index = 0; index < 3; index++) await fork.sequence(network.l1, [transactionOf('fork')])
    network.unsafe.blocks.splice(0, network.unsafe.blocks.length, ...fork.blocks)
    expect((await network.event('rewound')).reason).toMatch(/L2 block 4 is no longer/)
    expect(await network.publishedTo(5n, network.events.indexOf(published) + 1)).toMatchObject({ from: 1n })
  })

  it('does not pay for batches whose sequencing window has passed', async () => {
    const network = await BatchedNetwork.on(anvil, { seqWindowSize: 3 })
    const before = network.currentL1.number
    await network.sequence(1)
    await anvil.request('anvil_mine', ['0x4'])
    await network.derive()
    network.verifier.blocks.length = 1
    start(network.batcher({ l1Rpc: [anvil.url] }))
    expect((await network.event('waiting')).reason).toBe(
      `the sequencing window of L2 block 1 ended at L1 block ${before + 3n}`,
    )
  })

  it('says so and stops where its L1 account cannot pay', async () => {
    const network = await BatchedNetwork.on(anvil)
    await network.sequence(1)
    start(network.batcher({ l1Rpc: [anvil.url], privateKey: `0x${'07'.repeat(32)}` }))
    expect((await network.event('failed')).error.message).toMatch(/cannot pay/)
  })

  it('waits while L1 is out of reach', async () => {
    const network = await BatchedNetwork.on(anvil)
    start(network.batcher({ l1Rpc: ['http://127.0.0.1:1'] }))
    expect((await network.event('waiting')).reason).toMatch(/^L1 head: /)
  })
})

describe.skipIf(anvilBinary() === undefined)('an L1 wallet', () => {
  it('replaces a transaction that is not mined with one of doubled fees, also one of an earlier life', async () => {
    const anvil = await startAnvil('--no-mining')
    try {
      const sidecar = await blobSidecar([new Uint8Array(131_072)], '7594')
      const options: L1WalletOptions = {
        l1Rpc: [anvil.url],
        privateKey: ANVIL_KEY,
        l1ChainId: ANVIL_CHAIN_ID,
        pollInterval: 5,
      }
      const stop = new AbortController()
      const earlier = new L1Wallet({ ...options, clock: { ...systemClock, wait: async () => stop.abort() } })
      await expect(earlier.send({ to: batcherAddr, sidecar }, stop.signal)).rejects.toThrow(/stopped/)
      const first = await pendingFee(anvil)

      // Time runs by 10 s with every look for the receipt; L1 mines once the fee has been doubled twice.
      let now = 0
      const wait = async (): Promise<void> => {
        now += 10_000
        if ((await pendingFee(anvil)) >= first * 4n) await anvil.request('anvil_mine', ['0x1'])
      }
      const wallet = new L1Wallet({ ...options, resubmitAfter: 20_000, clock: { now: () => now, wait } })
      const receipt = await wallet.send({ to: batcherAddr, sidecar }, new AbortController().signal)
      expect(receipt.status).toBe('success')
      const mined = await wallet.client.getTransaction({ hash: receipt.transactionHash })
      expect(mined.nonce).toBe(0)
      expect(mined.maxFeePerGas).toBe(first * 4n)
    } finally {
      await anvil.stop()
    }
  })

  it('wraps a signed blob transaction with cell proofs as EIP-7594 says', async () => {
    const sidecar = await blobSidecar([new Uint8Array(131_072)], '7594')
    const signed = await privateKeyToAccount(ANVIL_KEY).signTransaction({
      type: 'eip4844',
      chainId: 1,
      maxFeePerBlobGas: 1n,
      maxFeePerGas: 1n,
      to: batcherAddr,
      blobVersionedHashes: sidecar.versionedHashes,
    })
    expect(parseTransaction(signed)).toMatchObject({ blobVersionedHashes: sidecar.versionedHashes })
    const wrapped = wrapBlobTransaction(signed, sidecar)
    const bytes = (wrapped.length - 2) / 2
    expect(wrapped.startsWith('0x03')).toBe(true)
    expect(bytes).toBeGreaterThan(131_072 + 48 + 128 * 48)
    expect(sidecar.versionedHashes).toEqual(['0x010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014'])
  })
})

async function transactionCount(anvil: TestAnvil): Promise<bigint> {
  return BigInt(z.string().parse(await anvil.request('eth_getTransactionCount', [batcherAddr, 'latest'])))
}

async function pendingFee(anvil: TestAnvil): Promise<bigint> {
  const content = (await anvil.request('txpool_content')) as {
    pending: Record<string, Record<string, { maxFeePerGas: Hex }>>
  }
  const fees = Object.values(content.pending).flatMap((byNonce) =>
    Object.values(byNonce).map((pending) => BigInt(pending.maxFeePerGas)),
  )
  return fees[0] ?? 0n
}
