import { type Hex, keccak256, stringToBytes } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { LEAF_SKIP_REASON } from '../../genesis/abi/attribution.ts'
import { requestId } from '../../protocol/request.ts'
import { DRAWS, InMemoryBatches } from '../testing/in-memory-batches.ts'
import { InMemoryChain } from '../testing/in-memory-chain.ts'
import { paidQuestion, post, type RunningGateway, runningGateway } from '../testing/running-gateway.ts'
import { temporaryDirectory } from '../testing/temporary-directory.ts'
import { leafOf } from './answer-book.ts'
import type { BatchSettlerOptions } from './batch-settler.ts'

let chain: InMemoryChain
let batches: InMemoryBatches
let directory: string
const other: Hex = keccak256(stringToBytes('another channel'))

beforeEach(async () => {
  chain = new InMemoryChain()
  chain.channels.set(other, { ...chain.channels.get(chain.channelId)! })
  batches = new InMemoryBatches(chain)
  directory = await temporaryDirectory()
})

/** A life of the gateway over the same files; what an earlier one leaves open stays open, as after a kill. */
const life = (batchSettler: BatchSettlerOptions = {}): Promise<RunningGateway> =>
  runningGateway(chain, directory, {
    batches,
    batchSettler: { interval: 0, longestWait: 0, ...batchSettler },
    settler: { interval: 0 },
  })

async function ask(gateway: RunningGateway, channel: Hex, ...numbers: bigint[]): Promise<void> {
  for (const n of numbers) {
    const { status, body } = await post(gateway.url, await paidQuestion(chain, n, { channel }))
    expect({ status, body }).toMatchObject({ status: 200 })
  }
}

const statuses = ({ book }: RunningGateway, channel: Hex, ...numbers: bigint[]) =>
  numbers.map((n) => book.get(requestId(channel, n))?.status)

describe('a batch', () => {
  it('takes the requests of all channels by channel and number, and its draws are settled, each leaf once', async () => {
    const gateway = await life()
    await ask(gateway, chain.channelId, 1n, 2n, 3n)
    await ask(gateway, other, 1n, 5n)
    await gateway.batchSettler.settleAll()
    const [batch] = batches.committed
    const parts = [
      { channel: chain.channelId, first: 1n, last: 3n, fees: chain.channels.get(chain.channelId)!.settled },
      { channel: other, first: 1n, last: 5n, fees: chain.channels.get(other)!.settled },
    ].sort((a, b) => (a.channel < b.channel ? -1 : 1))
    expect(batch).toMatchObject({ parts, leaves: 5 })
    expect(gateway.book.counts()).toMatchObject({ batched: 5, answered: 0, attributed: 0, settled: 0 })
    await gateway.drawSettler.settleAll()
    expect(batches.shown).toEqual([])
    batches.randomness = 7n
    await gateway.drawSettler.settleAll()
    const draws = batches.shown.flatMap((shown) => shown.draws)
    expect(draws.toSorted()).toEqual(Array.from({ length: DRAWS }, (_, draw) => draw))
    expect(new Set(batches.shown.map(({ channel, n }) => requestId(channel, n))).size).toBe(batches.shown.length)
    expect(gateway.book.batches()).toEqual([])
    expect(gateway.book.counts()).toMatchObject({ settled: batches.shown.length, batched: 5 - batches.shown.length })
  })

  it('waits for its size or for the longest wait, which half of a channel’s closing bounds', async () => {
    const gateway = await life({ size: 3, longestWait: 3_600_000 })
    await ask(gateway, chain.channelId, 1n, 2n)
    await gateway.batchSettler.settleAll()
    expect(batches.committed).toHaveLength(0)
    batches.closeDelay = 0n
    await gateway.batchSettler.settleAll()
    expect(batches.committed).toMatchObject([{ leaves: 2 }])
    batches.closeDelay = 86_400n
    await ask(gateway, chain.channelId, 3n, 4n, 5n, 6n)
    await gateway.batchSettler.settleAll()
    expect(batches.committed.map(({ parts }) => parts[0]!.last)).toEqual([2n, 5n])
    expect(statuses(gateway, chain.channelId, 5n, 6n)).toEqual(['batched', 'answered'])
  })

  it('leaves no number behind: what no batch may take is settled alone, before it', async () => {
    const gateway = await life({ longestWait: 3_600_000 })
    batches.closeDelay = 0n
    await ask(gateway, chain.channelId, 0n, 1n, 2n)
    await gateway.batchSettler.settleAll()
    expect(batches.committed).toEqual([])
    await gateway.settler.settleAll()
    expect(statuses(gateway, chain.channelId, 0n, 1n, 2n)).toEqual(['settled', 'answered', 'answered'])
    await gateway.batchSettler.settleAll()
    expect(statuses(gateway, chain.channelId, 0n, 1n, 2n)).toEqual(['settled', 'batched', 'batched'])
  })

  it('does not hold up a channel whose lowest request cannot be settled: all of it goes one by one', async () => {
    const gateway = await life({ longestWait: 0 })
    chain.refusals.set(requestId(chain.channelId, 0n), LEAF_SKIP_REASON.versionNotLive)
    await ask(gateway, chain.channelId, 0n, 1n)
    await gateway.batchSettler.settleAll()
    await gateway.settler.settleAll()
    expect(statuses(gateway, chain.channelId, 0n, 1n)).toEqual(['attributed', 'settled'])
    expect(batches.committed).toEqual([])
  })

  it('passes no request by: a number below one that was answered is refused, and says which will do', async () => {
    const gateway = await life()
    await ask(gateway, chain.channelId, 4n)
    expect(await post(gateway.url, await paidQuestion(chain, 3n))).toMatchObject({
      status: 409,
      body: { error: { field: 'n', required: '5' } },
    })
    await gateway.batchSettler.settleAll()
    await gateway.stop()
    const single = await runningGateway(chain, directory)
    expect((await post(single.url, await paidQuestion(chain, 3n))).status).toBe(409)
    expect((await post(single.url, await paidQuestion(chain, 5n))).status).toBe(200)
  })

  it('goes without a channel that the chain does not take, whose requests are settled one by one', async () => {
    const gateway = await life()
    await ask(gateway, chain.channelId, 1n)
    await ask(gateway, other, 1n)
    chain.channels.get(other)!.closingAt = 1n
    await gateway.batchSettler.settleAll()
    expect(batches.committed).toMatchObject([{ leaves: 1, parts: [{ channel: chain.channelId }] }])
  })

  it('is dropped where the chain refuses a channel, and made again without it', async () => {
    const gateway = await life({ longestWait: 1_000 })
    batches.closeDelay = 0n
    await ask(gateway, chain.channelId, 1n)
    await ask(gateway, other, 1n)
    // Another life, whose files are lost, has settled a later number.
    chain.settledLeaves.push({ request: other, leaf: { ...leafLike(other), n: 9n }, block: 1n })
    await gateway.batchSettler.settleAll()
    expect([batches.committed.length, gateway.book.batches().map(({ status }) => status)]).toEqual([0, ['dropped']])
    await gateway.batchSettler.settleAll()
    expect(batches.committed).toMatchObject([{ parts: [{ channel: chain.channelId }] }])
    await gateway.settler.settleAll()
    expect(statuses(gateway, other, 1n)).toEqual(['settled'])
  })

  it('is halved where the stake does not carry it', async () => {
    const gateway = await life({ size: 4 })
    await ask(gateway, chain.channelId, 1n, 2n, 3n, 4n)
    const fees = gateway.book.open().map(({ receipt }) => receipt.fee)
    batches.stakeFor = fees[0]! + fees[1]!
    for (let round = 0; round < 20 && batches.committed.length < 2; round++) await gateway.batchSettler.settleAll()
    expect(batches.committed.map(({ leaves }) => leaves)).toEqual([2, 2])
  })

  it('is made anew where its leaves became too old before it was sent', async () => {
    const gateway = await life()
    await ask(gateway, chain.channelId, 1n)
    batches.die = () => {
      throw new Error('the node does not answer')
    }
    await expect(gateway.batchSettler.settleAll()).rejects.toThrow('does not answer')
    batches.die = () => {}
    chain.block += 3_000n
    for (let round = 0; round < 20 && batches.committed.length < 1; round++) await gateway.batchSettler.settleAll()
    batches.randomness = 1n
    await gateway.drawSettler.settleAll()
    expect(chain.settledLeaves[0]!.leaf.asOf).toBeGreaterThan(3_000n)
    expect(gateway.book.batches()).toEqual([])
  })
})

/** A leaf of a channel of which only its number counts. */
const leafLike = (channel: Hex) => {
  const zero = { version: 1n, fee: 0n, promptTokens: 0, outputTokens: 0, asOf: 0n, queryHash: channel, entries: [] }
  return { ...zero, channel, n: 0n, promptHash: channel, outputHash: channel, openable: true }
}

describe('draws', () => {
  it('that the chain refuses are told loudly and tried until the deadline, then said to be lost', async () => {
    const gateway = await life()
    await ask(gateway, chain.channelId, 1n)
    await gateway.batchSettler.settleAll()
    batches.randomness = 3n
    batches.refused.add(requestId(chain.channelId, 1n))
    const refused: unknown[] = []
    const lost: unknown[] = []
    gateway.drawSettler.events.on('refused', (event) => refused.push(event))
    gateway.drawSettler.events.on('lost', (event) => lost.push(event))
    await gateway.drawSettler.settleAll()
    await gateway.drawSettler.settleAll()
    const wei = (gateway.book.get(requestId(chain.channelId, 1n))!.receipt.fee / 8n) * 8n
    expect(refused).toHaveLength(2)
    expect(refused[0]).toMatchObject({ batch: 1n, draws: [0, 1, 2, 3, 4, 5, 6, 7], wei, reason: 'LeafRefused' })
    chain.block += 1_000n
    await gateway.drawSettler.settleAll()
    expect(lost).toEqual([{ batch: 1n, draws: 8, wei }])
    expect(gateway.book.batches()).toEqual([])
  })
})

describe('draws that are void', () => {
  it('are told loudly, once, and end their batch', async () => {
    const gateway = await life()
    await ask(gateway, chain.channelId, 1n)
    await gateway.batchSettler.settleAll()
    batches.randomness = 3n
    batches.voided.add(requestId(chain.channelId, 1n))
    const refused: unknown[] = []
    gateway.drawSettler.events.on('refused', (event) => refused.push(event))
    gateway.drawSettler.events.on('settled', () => refused.push('settled'))
    await gateway.drawSettler.settleAll()
    await gateway.drawSettler.settleAll()
    expect(refused).toMatchObject([{ batch: 1n, reason: 'void: versionNotLive' }])
    expect(gateway.book.batches()).toEqual([])
  })
})

describe('after a crash', () => {
  const POINTS = ['before settleBatch', 'after settleBatch', 'before settleDraws', 'after settleDraws'] as const

  it.each(POINTS)('%s, the next life finishes the batch and pays nothing twice', async (point) => {
    const gateway = await life()
    await ask(gateway, chain.channelId, 1n, 2n, 3n)
    await ask(gateway, other, 1n)
    const killed = new Error('killed')
    let dead = false
    batches.die = (at) => {
      if (dead || at === point) {
        dead = true
        throw killed
      }
    }
    batches.randomness = 5n
    const first = gateway.batchSettler.settleAll()
    await (point.endsWith('settleBatch') ? expect(first).rejects.toBe(killed) : first)
    await gateway.drawSettler.settleAll()
    batches.die = () => {}
    const next = await life()
    await next.batchSettler.settleAll()
    await next.drawSettler.settleAll()
    expect(batches.committed).toMatchObject([{ leaves: 4, open: 0n }])
    expect(next.book.batches()).toEqual([])
    expect(next.book.open()).toEqual([])
    expect(batches.shown.flatMap(({ draws }) => draws).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  /** Every line of the journal is a moment at which a process may have died. */
  it('after any line of the journal the next life does what is left', async () => {
    const gateway = await life()
    await ask(gateway, chain.channelId, 1n, 2n)
    for (const type of ['attributed', 'batchPlanned', 'batchCommitted', 'settled', 'batchOver'] as const) {
      const alive = await life()
      const append = alive.book.record.bind(alive.book)
      alive.book.record = async (record) => {
        if (record.type === type) throw new Error(`killed before ${type}`)
        return append(record)
      }
      batches.randomness = 5n
      await Promise.allSettled([alive.batchSettler.settleAll()])
      await Promise.allSettled([alive.drawSettler.settleAll()])
    }
    const last = await life()
    await last.batchSettler.settleAll()
    await last.drawSettler.settleAll()
    expect(batches.committed).toMatchObject([{ leaves: 2, open: 0n }])
    expect(last.book.batches()).toEqual([])
    expect(last.book.open()).toEqual([])
  })

  it('a batch that was dropped and is found on chain after all is taken up again', async () => {
    const gateway = await life()
    await ask(gateway, chain.channelId, 1n)
    batches.die = () => {
      throw new Error('the node does not answer')
    }
    await expect(gateway.batchSettler.settleAll()).rejects.toThrow('does not answer')
    batches.die = () => {}
    const { root, requests } = gateway.book.batches()[0]!
    await gateway.book.record({ type: 'batchDropped', root, reason: 'was not taken' })
    expect(gateway.book.open()).toHaveLength(1)
    // The transaction, which had been on its way for long.
    const { fee } = leafOf(gateway.book.get(requests[0]!)!)
    const parts = [{ channel: chain.channelId, first: 1n, last: 1n, fees: fee }]
    const vouchers = [gateway.book.voucherOf(chain.channelId)!]
    await batches.settleBatch({ root, leaves: 1, parts, vouchers })
    for (let round = 0; round < 3; round++) await gateway.batchSettler.settleAll()
    batches.randomness = 5n
    await gateway.drawSettler.settleAll()
    expect(batches.committed).toMatchObject([{ open: 0n }])
    expect(gateway.book.open()).toEqual([])
  })
})
