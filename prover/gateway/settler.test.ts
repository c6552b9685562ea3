import { once } from 'node:events'
import { appendFile } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { LEAF_SKIP_REASON } from '../../genesis/abi/attribution.ts'
import { checkEntryOrder } from '../../protocol/entries.ts'
import { requestId } from '../../protocol/request.ts'
import { threshold } from '../../protocol/score.ts'
import { InMemoryChain } from '../testing/in-memory-chain.ts'
import { paidQuestion, post, type RunningGateway, runningGateway } from '../testing/running-gateway.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import type { SettlerOptions } from './settler.ts'

let chain: InMemoryChain
let directory: string

beforeEach(() => {
  chain = new InMemoryChain()
})

async function started(settler: SettlerOptions = {}): Promise<RunningGateway> {
  directory = await temporaryDirectory()
  return runningGateway(chain, directory, { settler })
}

async function ask(gateway: RunningGateway, ...numbers: bigint[]): Promise<void> {
  for (const n of numbers) expect((await post(gateway.url, await paidQuestion(chain, n))).status).toBe(200)
}

describe('settling', () => {
  it('sends each answered request once, in batches, with the channel’s best voucher', async () => {
    const gateway = await started({ maxBatch: 2 })
    await ask(gateway, 0n, 1n, 2n)
    await gateway.settler.settleAll()
    await gateway.settler.settleAll()
    expect(chain.settledLeaves.map(({ leaf }) => leaf.n)).toEqual([0n, 1n, 2n])
    expect(chain.vouchers.map(({ maxClaimableAmount }) => maxClaimableAmount)).toEqual([900_000n, 900_000n])
    expect(gateway.book.counts()).toMatchObject({ settled: 3, answered: 0, attributed: 0 })
  })

  it('lists the passage that was quoted first, and entries as the protocol orders them', async () => {
    const gateway = await started()
    await ask(gateway, 0n)
    await gateway.settler.settleAll()
    const { entries } = chain.settledLeaves[0]!.leaf
    expect(entries[0]).toMatchObject({ row: 1, cluster: 2n })
    expect(checkEntryOrder(entries, threshold(5n, 32_768), 32)).toBeUndefined()
  })

  it('goes on by itself once started', async () => {
    const gateway = await started({ interval: 1 })
    const settled = once(gateway.settler.events, 'settled')
    gateway.settler.start()
    await ask(gateway, 0n)
    expect(await settled).toMatchObject([{ requests: [requestId(chain.channelId, 0n)] }])
  })

  it('tries a leaf again that was skipped for a reason that may pass', async () => {
    const gateway = await started({ interval: 0 })
    const request = requestId(chain.channelId, 0n)
    chain.refusals.set(request, LEAF_SKIP_REASON.stakeTooSmall)
    await ask(gateway, 0n, 1n)
    await gateway.settler.settleAll()
    expect(chain.settledLeaves.map(({ leaf }) => leaf.n)).toEqual([1n])
    chain.refusals.clear()
    await gateway.settler.settleAll()
    expect(chain.settledLeaves.map(({ leaf }) => leaf.n)).toEqual([1n, 0n])
  })

  it('abandons a leaf that can never pass, says why, and stops counting its fee', async () => {
    const gateway = await started()
    const request = requestId(chain.channelId, 0n)
    chain.refusals.set(request, LEAF_SKIP_REASON.badFee)
    await ask(gateway, 0n)
    await gateway.settler.settleAll()
    expect(gateway.book.get(request)).toMatchObject({ status: 'abandoned', reason: 'badFee' })
    expect(gateway.book.feesOf(chain.channelId)).toBe(0n)
  })

  it('halves a batch that fails as a whole, down to the leaf that fails it', async () => {
    const gateway = await started()
    const settle = chain.settle.bind(chain)
    chain.settle = async (leaves, vouchers) => {
      if (leaves.some(({ n }) => n === 2n)) throw new Error('out of gas')
      return settle(leaves, vouchers)
    }
    await ask(gateway, 0n, 1n, 2n, 3n)
    await expect(gateway.settler.settleAll()).rejects.toThrow('out of gas')
    expect(chain.settledLeaves.map(({ leaf }) => leaf.n)).toEqual([0n, 1n])
  })

  it('attributes anew what has become too old', async () => {
    const gateway = await started({ interval: 0 })
    chain.refusals.set(requestId(chain.channelId, 0n), LEAF_SKIP_REASON.staleAsOf)
    await ask(gateway, 0n)
    await gateway.settler.settleAll()
    chain.refusals.clear()
    chain.block += 2_000n
    await gateway.settler.settleAll()
    expect(chain.settledLeaves[0]!.leaf.asOf).toBeGreaterThan(2_000n)
  })
})

describe('after a crash', () => {
  /** A second life over the files of the first, which is left as a kill would leave it: nothing closed. */
  const again = () => runningGateway(chain, directory)

  it('an answered request is settled by the next life', async () => {
    const gateway = await started()
    await ask(gateway, 0n, 1n)
    await appendFile(gateway.journal, '{"type":"answered","request":"0x12')
    const next = await again()
    await next.settler.settleAll()
    expect(chain.settledLeaves.map(({ leaf }) => leaf.n)).toEqual([0n, 1n])
  })

  it('a settlement that was sent but not written down is not sent for a second payment', async () => {
    const gateway = await started()
    await ask(gateway, 0n)
    const settle = chain.settle.bind(chain)
    chain.settle = async (leaves, vouchers) => {
      await settle(leaves, vouchers)
      throw new Error('killed before the receipt came')
    }
    await expect(gateway.settler.settleAll()).rejects.toThrow('killed')
    chain.settle = settle
    const next = await again()
    await next.settler.settleAll()
    expect(chain.settledLeaves).toHaveLength(1)
    expect(next.book.counts()).toMatchObject({ settled: 1, attributed: 0 })
  })

  it('the same request gets the same receipt', async () => {
    const gateway = await started()
    const question = await paidQuestion(chain, 0n)
    const first = await post(gateway.url, question)
    const next = await again()
    expect(await post(next.url, question)).toEqual(first)
  })
})
