import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchOfBlock } from './batch.ts'
import { channelItem, spanChannelItem } from './channel.ts'
import { MOST_AHEAD, MOST_BYTES_AHEAD, RecoveredAhead, type RecoverSenders } from './recovered-ahead.ts'
import { spanOfBlocks } from './span-batch.ts'
import { type BatchType, memoryNetwork, sent } from './testing/network.ts'

type Item = { transactions: Uint8Array[]; isLast?: boolean }

/** What comes out of it, the message of what it threw at the end. */
async function drain(source: Iterator<Item, void>, recover?: RecoverSenders): Promise<(Item | string)[]> {
  const ahead = new RecoveredAhead(source, (item) => item, recover)
  const all: (Item | string)[] = []
  try {
    for (let item = await ahead.next(); item !== undefined; item = await ahead.next()) all.push(item)
  } catch (error) {
    all.push((error as Error).message)
  }
  return all
}

const itemOf = (count: number, bytes = 1): Item => ({
  transactions: Array.from({ length: count }, () => new Uint8Array(bytes)),
})
function* source(items: Item[], fault?: string): Generator<Item, void> {
  yield* items
  if (fault !== undefined) throw new Error(fault)
}

describe('a source that is read ahead', () => {
  const items = fc.array(
    fc
      .record({ count: fc.nat(700), bytes: fc.constantFrom(1, 3_000), isLast: fc.boolean() })
      .map(({ count, bytes, isLast }): Item => ({ ...itemOf(count, bytes), isLast })),
    { maxLength: 30 },
  )
  const fault = fc.option(fc.constant('malformed'), { nil: undefined })

  it('gives what it gives without, each item when its transactions have been recovered', async () => {
    await fc.assert(
      fc.asyncProperty(items, fault, async (all, broken) => {
        const recovered = new Set<Uint8Array>()
        const ahead = new RecoveredAhead(
          source(all, broken),
          (item) => item,
          async (raws) => {
            await Promise.resolve()
            for (const raw of raws) recovered.add(raw)
          },
        )
        for (const item of all) {
          expect(await ahead.next()).toBe(item)
          expect(item.transactions.every((raw) => recovered.has(raw))).toBe(true)
        }
        if (broken === undefined) expect(await ahead.next()).toBeUndefined()
        else await expect(ahead.next()).rejects.toThrow(broken)
        expect(await drain(source(all, broken))).toEqual(broken === undefined ? all : [...all, broken])
      }),
      { numRuns: 30 },
    )
  })

  const reading = async (all: Item[], taken: number) => {
    let read = 0
    const counted = (function* () {
      for (const item of all) {
        read++
        yield item
      }
    })()
    const ahead = new RecoveredAhead<Item>(
      counted,
      (item) => item,
      async () => {},
    )
    for (let count = 0; count < taken; count++) await ahead.next()
    return read
  }

  it('is read no further than its bounds', async () => {
    const items = (count: number, item: Item) => Array.from({ length: count }, () => item)
    expect(await reading(items(100, itemOf(MOST_AHEAD / 4)), 1)).toBe(4)
    expect(await reading(items(100, itemOf(MOST_AHEAD / 4)), 4)).toBe(6)
    expect(await reading(items(100, itemOf(1, MOST_BYTES_AHEAD)), 1)).toBe(1)
    // Blocks without transactions, however many a span claims.
    expect(await reading(items(10_000, itemOf(0)), 1)).toBeLessThanOrEqual(256)
    expect(await reading([itemOf(1), { ...itemOf(0), isLast: true }, itemOf(1)], 2)).toBe(2)
  })

  it('says what went wrong with recovering to whoever takes the item', async () => {
    const recover = () => Promise.reject(new Error('a thread has died'))
    expect(await drain(source([itemOf(0), itemOf(1)]), recover)).toEqual(['a thread has died'])
  })
})

describe.each<BatchType>(['singular', 'span'])('derivation of %s batches', (batchType) => {
  /** A channel whose last batch is spoiled, derived by a pipeline that recovers or not. */
  async function derived(recoverSenders?: RecoverSenders) {
    const { config, l1, sequencer, verifier, frames, cut, sequence, derive, reasons } = await memoryNetwork(
      {},
      batchType,
      {
        recoverSenders,
      },
    )
    const chainId = BigInt(config.l2ChainId)
    const blocks = await sequence(12)
    l1.mine({ after: 1n, transactions: [sent(await frames(blocks.slice(0, 9)))] })
    const made = await derive()
    const last =
      batchType === 'span'
        ? spanChannelItem(spanOfBlocks(config, blocks.slice(9)), chainId)
        : channelItem(batchOfBlock(config, blocks[9]!))
    l1.mine({ after: 1n, transactions: [sent(await cut([last, Uint8Array.of(0x83, 1, 2, 3)]))] })
    made.push(...(await derive()))
    expect(verifier.head.hash).toBe(sequencer.blocks[verifier.blocks.length - 1]!.hash)
    expect(reasons).toHaveLength(1)
    return { made, reasons }
  }

  it('gives the same blocks and drops the same data, and recovers each transaction that it gives before', async () => {
    const asked = new Set<Uint8Array>()
    const ahead = await derived(async (raws) => {
      for (const raw of raws) asked.add(raw)
    })
    expect(ahead).toEqual(await derived())
    const raws = ahead.made.flatMap(({ attributes }) => attributes.transactions.filter((raw) => raw[0] !== 0x7e))
    expect(raws.length).toBeGreaterThanOrEqual(9)
    expect(raws.every((raw) => asked.has(raw))).toBe(true)
  })

  it('does not recover what L1 repeats of the past', async () => {
    const asked: Uint8Array[] = []
    const { l1, verifier, frames, sequence, derive } = await memoryNetwork({}, batchType, {
      recoverSenders: async (raws) => {
        asked.push(...raws)
      },
    })
    const channel = await frames(await sequence(6))
    l1.mine({ after: 1n, transactions: [sent(channel)] })
    await derive()
    l1.mine({ after: 1n, transactions: [sent(channel)] })
    await derive()
    expect(verifier.blocks).toHaveLength(7)
    expect(asked).toHaveLength(6)
  })
})
