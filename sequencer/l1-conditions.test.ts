/**
 * Batcher and wallet under what L1 does to them: geth's separate pools, a price of blobs that jumps, and channels that fill
 * before their time. L1 is anvil; what it does not have is told by sequencer/testing/l1-overlay.ts.
 */
import { randomBytes } from 'node:crypto'
import type { Hex } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../node/chain/clock.ts'
import { transactionOf } from '../node/derivation/testing/network.ts'
import { ANVIL_CHAIN_ID, ANVIL_KEY, anvilBinary, startAnvil, type TestAnvil } from '../node/l1/testing/anvil.ts'
import { blobSidecar } from './blob-transaction.ts'
import { capacityOf } from './data-form.ts'
import { L1Wallet, type L1WalletOptions, OtherKindPendingError } from './l1-wallet.ts'
import { BatchedNetwork, batcherAddr } from './testing/batched-network.ts'
import { type Answer, L1Overlay } from './testing/l1-overlay.ts'

const GWEI = 1_000_000_000n
const BLOB_TRANSACTION = '0x03'
/** geth's word where the account has a transaction in the other pool (core/txpool, ErrAlreadyReserved). */
const RESERVED = 'address already reserved'

const pooled = z.object({
  pending: z.record(
    z.string(),
    z.record(z.string(), z.object({ maxFeePerGas: z.string(), maxFeePerBlobGas: z.string() })),
  ),
})

describe.skipIf(anvilBinary() === undefined)('an L1', { timeout: 120_000 }, () => {
  // One for all: an anvil takes seconds for its first blob.
  let anvil: TestAnvil
  beforeAll(async () => {
    anvil = await startAnvil()
  })
  afterAll(() => anvil.stop())
  const lives: { stop: () => Promise<void> }[] = []
  afterEach(async () => {
    for (const life of lives.splice(0).toReversed()) await life.stop()
  })
  const keep = <T extends { stop: () => Promise<void> }>(life: T): T => {
    lives.push(life)
    return life
  }
  const overlaid = async (answer: Answer) => keep(await L1Overlay.before(anvil, answer))
  const walletOptions = (url: string): L1WalletOptions => ({
    l1Rpc: [url],
    privateKey: ANVIL_KEY,
    l1ChainId: ANVIL_CHAIN_ID,
    pollInterval: 5,
  })

  describe("whose pool still holds the account's transaction of the other kind", () => {
    it.each([
      ['blobs', 'calldata'],
      ['calldata', 'blobs'],
    ] as const)('gets what should go as %s as %s instead', async (preferred, other) => {
      // The transaction of an earlier life is of the other kind, so only that kind is taken.
      let isReserved = true
      const overlay = await overlaid((method, [raw]) => {
        if (method !== 'eth_sendRawTransaction' || !isReserved) return undefined
        const isBlobs = String(raw).startsWith(BLOB_TRANSACTION)
        if (isBlobs === (preferred === 'blobs')) return { error: RESERVED }
        isReserved = false
        return undefined
      })
      const network = await BatchedNetwork.on(anvil)
      await network.sequence(3)
      const batcher = keep(network.batcher({ l1Rpc: [overlay.url], dataForm: preferred }))
      batcher.start()
      expect((await network.event('waiting')).reason).toContain(RESERVED)
      expect(await network.event('published')).toMatchObject({ from: 1n, to: 3n, form: other })
      await network.derive()
      expect(network.verifier.head.hash).toBe(network.unsafe.head.hash)
      // What was in the way is mined: the preferred kind again.
      const from = network.events.length
      await network.sequence(1)
      expect(await network.publishedTo(4n, from)).toMatchObject({ form: preferred })
    })

    it('is told apart from other refusals by the wallet', async () => {
      const overlay = await overlaid((method) =>
        method === 'eth_sendRawTransaction' ? { error: RESERVED } : undefined,
      )
      const sent = new L1Wallet(walletOptions(overlay.url)).send({ to: batcherAddr }, new AbortController().signal)
      await expect(sent).rejects.toBeInstanceOf(OtherKindPendingError)
    })
  })

  describe('whose price of blobs jumps while a transaction waits', () => {
    afterEach(async () => {
      await anvil.request('anvil_mine', ['0x1'])
      await anvil.request('evm_setAutomine', [true])
    })
    const pendingFees = async () => {
      const { pending } = pooled.parse(await anvil.request('txpool_content'))
      const [transaction] = Object.values(pending).flatMap((byNonce) => Object.values(byNonce))
      return transaction && { gas: BigInt(transaction.maxFeePerGas), blobGas: BigInt(transaction.maxFeePerBlobGas) }
    }
    /** The price is 1 wei when the transaction is sent first; time runs by 10 s with every look for the receipt. */
    const spike = async (price: bigint, maxFee?: bigint) => {
      let blobFee: Hex = '0x1'
      const overlay = await overlaid((method) => (method === 'eth_blobBaseFee' ? { result: blobFee } : undefined))
      await anvil.request('evm_setAutomine', [false])
      const seen: bigint[] = []
      let now = 0
      const wait = async (): Promise<void> => {
        now += 10_000
        const fees = await pendingFees()
        if (fees === undefined) return
        if (seen.at(-1) !== fees.blobGas) seen.push(fees.blobGas)
        if (blobFee === '0x1') blobFee = `0x${price.toString(16)}`
        else if (fees.blobGas >= price) await anvil.request('anvil_mine', ['0x1'])
      }
      const clock = { ...systemClock, now: () => now, wait }
      const options = { ...walletOptions(overlay.url), resubmitAfter: 20_000, clock, ...(maxFee && { maxFee }) }
      const sidecar = await blobSidecar([new Uint8Array(131_072)], '7594')
      const wallet = new L1Wallet(options)
      const nonce = await wallet.client.getTransactionCount({ address: wallet.account.address })
      const sent = wallet.send({ to: batcherAddr, sidecar }, new AbortController().signal)
      return { wallet, nonce, seen, sent }
    }

    it('gets a replacement that pays twice the new price, at once, with the same nonce', async () => {
      const { wallet, nonce, seen, sent } = await spike(40n * GWEI)
      const receipt = await sent
      const mined = await wallet.client.getTransaction({ hash: receipt.transactionHash })
      expect({ nonce: mined.nonce, blobFee: mined.maxFeePerBlobGas }).toEqual({ nonce, blobFee: 81n * GWEI })
      expect(seen).toEqual([GWEI + 2n, 81n * GWEI])
    })

    it('gets none above the cap, and the batcher hears why', async () => {
      const { seen, sent } = await spike(40n * GWEI, 60n * GWEI)
      await expect(sent).rejects.toThrow(
        /blobs 1000000002\) cannot rise to \d+ \(81000000000\): the cap is 60000000000/,
      )
      expect(seen).toEqual([GWEI + 2n])
    })
  })

  it('that takes back blocks with earlier transactions of the account is asked for the nonce anew, at no higher fees', async () => {
    const overlay = await overlaid(() => undefined)
    let now = 0
    let reorganized = false
    const wait = async (): Promise<void> => {
      now += 10_000
      if (reorganized) return
      reorganized = true
      await anvil.request('anvil_rollback', [1])
    }
    const clock = { ...systemClock, now: () => now, wait }
    const wallet = new L1Wallet({ ...walletOptions(overlay.url), resubmitAfter: 20_000, clock })
    const { signal } = new AbortController()
    await wallet.send({ to: batcherAddr }, signal)
    await anvil.request('evm_setAutomine', [false])
    try {
      await expect(wallet.send({ to: batcherAddr }, signal)).rejects.toThrow(/nonce \d+ is not next any more/)
      expect(now).toBe(20_000)
      await anvil.request('anvil_dropAllTransactions')
    } finally {
      await anvil.request('evm_setAutomine', [true])
    }
    expect((await wallet.send({ to: batcherAddr }, signal)).status).toBe('success')
  })

  it('gets channels that are full at once, and what does not fill one waits for its time', async () => {
    const overlay = await overlaid(() => undefined)
    const network = await BatchedNetwork.on(anvil)
    for (let block = 0; block < 20; block++) await network.sequence(1, transactionOf(randomBytes(20_000)))
    // No block is ever due.
    const batcher = network.batcher({ l1Rpc: [overlay.url], maxBlobs: 1, maxChannelDuration: 3_600_000 }, Date.now)
    keep(batcher).start()
    const capacity = capacityOf(1)
    await network.publishedTo(18n)
    // Three more turns, each of which looks for L1's head, send nothing.
    await overlay.asked('eth_blockNumber', 3)
    const published = network.events.flatMap((event) => (event.kind === 'published' ? [event] : []))
    expect(published.map(({ from, to }) => [from, to])).toEqual([
      [1n, 6n],
      [7n, 12n],
      [13n, 18n],
    ])
    for (const { bytes, blobs } of published) {
      expect(blobs).toBe(1)
      expect(bytes).toBeLessThanOrEqual(capacity)
      expect(bytes).toBeGreaterThan(capacity * 0.9)
    }
    await network.derive()
    expect(network.verifier.headRef.number).toBe(18n)
  })
})
