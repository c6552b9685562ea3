/** What Holocene makes of span batches: overlap, gaps, partial validity, the past, and what they claim of both chains. */
import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { TemporaryError } from '../errors.ts'
import { batchOfBlock } from './batch.ts'
import { channelItem, spanChannelItem } from './channel.ts'
import { DerivationPipeline } from './pipeline.ts'
import { type SpanContent, spanOfBlocks } from './span-batch.ts'
import { memoryNetwork, sent, transactionOf } from './testing/network.ts'

const OTHER: Hex = `0x${'5a'.repeat(20)}`

/** A network, and a function that publishes span batches in one channel. */
async function spanNetwork(changes = {}) {
  const network = await memoryNetwork(changes, 'span')
  const { config, l1, spanFrames } = network
  const publish = async (...spans: SpanContent[]) =>
    l1.mine({ after: 1n, transactions: [sent(await spanFrames(...spans))] })
  const span = (from: number, to: number) => spanOfBlocks(config, network.sequencer.blocks.slice(from, to + 1))
  return { ...network, publish, span }
}

describe('a span batch that overlaps the safe chain', () => {
  it('adds its new blocks', async () => {
    const { sequencer, verifier, sequence, publish, span, derive, reasons } = await spanNetwork()
    await sequence(8)
    await publish(span(1, 5))
    await derive()
    expect(verifier.headRef.number).toBe(5n)
    await sequence(12)
    await publish(span(3, 20))
    expect(await derive()).toHaveLength(15)
    expect(verifier.head.hash).toBe(sequencer.head.hash)
    expect(reasons).toEqual([])
  })

  it('is not compared with what it overlaps, only with the block before it', async () => {
    const { sequencer, verifier, sequence, publish, span, derive } = await spanNetwork()
    await sequence(6)
    await publish(span(1, 3))
    await derive()
    const other = span(2, 6)
    other.blocks[0] = { ...other.blocks[0]!, transactions: [transactionOf('another')] }
    await publish(other)
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
    await sequence(2)
    await publish({ ...span(2, 8), parentCheck: OTHER }, span(7, 8))
    expect(await derive()).toEqual([])
  })

  it('is of the past where it adds nothing, and the rest of its channel is read', async () => {
    const { sequencer, verifier, sequence, publish, span, derive, reasons } = await spanNetwork()
    await sequence(9)
    await publish(span(1, 4))
    await derive()
    await publish(span(2, 4), span(1, 3), span(5, 9))
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
    expect(reasons).toEqual([])
  })
})

describe('a span batch is dropped with the rest of its channel', () => {
  it.each<[string, (span: SpanContent) => SpanContent, RegExp]>([
    ['that leaves a gap', (span) => ({ ...span, relTimestamp: span.relTimestamp + 2n }), /leaves a gap/],
    ['that falls between two blocks', (span) => ({ ...span, relTimestamp: 1n }), /is not a block's/],
    ['that begins with block 0', (span) => ({ ...span, relTimestamp: 0n }), /block 0's/],
    ['on another parent', (span) => ({ ...span, parentCheck: OTHER }), /parent 0x/],
    ['on another L1', (span) => ({ ...span, l1OriginCheck: OTHER }), /last L1 origin/],
    ['on an L1 block to come', (span) => ({ ...span, l1OriginNumber: 1_000n }), /L1 origin/],
    [
      'whose first origin goes back',
      (span) => ({ ...span, l1OriginNumber: 0n }),
      /first L1 origin -?\d+ does not follow/,
    ],
  ])('%s', async (_, spoil, reason) => {
    const { verifier, sequence, publish, span, derive, reasons, sequencer } = await spanNetwork()
    await sequence(9)
    await publish(spoil(span(1, 4)), span(1, 9))
    expect(await derive()).toEqual([])
    expect(reasons).toHaveLength(1)
    expect(reasons[0]).toMatch(reason)
    await publish(span(1, 9))
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
  })

  it('whose first block was published after its sequencing window', async () => {
    const { l1, verifier, sequence, span, spanFrames, derive } = await spanNetwork({ seqWindowSize: 3 })
    const [first] = await sequence(2)
    for (let index = 0; index < 5; index++) l1.mine()
    l1.mine({ transactions: [sent(await spanFrames(span(1, 2)))] })
    await derive()
    expect(verifier.at(1n).hash).not.toBe(first!.hash)
  })

  it('that is malformed in its last byte: none of its blocks counts', async () => {
    const { config, l1, sequence, span, cut, derive, reasons } = await spanNetwork()
    await sequence(3)
    const item = spanChannelItem(span(1, 3), BigInt(config.l2ChainId))
    const bytes = Uint8Array.from(item)
    bytes[bytes.length - 1] = 0xff
    l1.mine({ after: 1n, transactions: [sent(await cut([bytes, item]))] })
    expect(await derive()).toEqual([])
    expect(reasons[0]).toMatch(/protected_bits has bits beyond 3/)
  })
})

describe('a span batch with an invalid block', () => {
  it('counts up to the block before it, and ends its channel there', async () => {
    const { config, l1, sequencer, verifier, sequence, cut, span, publish, derive, reasons } = await spanNetwork()
    const blocks = await sequence(20)
    const spoilt = span(1, 20)
    // Two origins change at once where the L1 has not gone that far: the blocks before keep theirs.
    const second = spoilt.blocks.findIndex(({ originChanged }, index) => index > 0 && originChanged)
    expect(second).toBeGreaterThan(2)
    spoilt.blocks[second] = { ...spoilt.blocks[second]!, originChanged: false }
    spoilt.blocks[second - 1] = { ...spoilt.blocks[second - 1]!, originChanged: true }
    const items = [
      spanChannelItem(spoilt, BigInt(config.l2ChainId)),
      ...blocks.map((block) => channelItem(batchOfBlock(config, block))),
    ]
    l1.mine({ after: 1n, transactions: [sent(await cut(items))] })
    const derived = await derive()
    expect(verifier.head.hash).toBe(blocks[second - 2]!.hash)
    expect(derived.every(({ concludes }) => !concludes)).toBe(true)
    expect(reasons).toHaveLength(1)
    expect(reasons[0]).toMatch(/precedes its L1 origin's/)
    await publish(span(second, 20))
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
  })

  it('leaves the rest where the block turned out invalid in execution', async () => {
    const { verifier, pipeline, sequence, publish, span } = await spanNetwork()
    await sequence(6)
    await publish(span(1, 3), span(4, 6))
    const first = (await pipeline.next(verifier.headRef))!
    verifier.append({ ...first.attributes, transactions: first.attributes.transactions.slice(0, 1) })
    pipeline.dropChannel()
    expect(await pipeline.next(verifier.headRef)).toBeUndefined()
  })
})

describe('a verifier', () => {
  it('goes on in the middle of a span after a restart, since spans may overlap', async () => {
    const { config, l1, sequencer, verifier, pipeline, sequence, publish, span } = await spanNetwork()
    await sequence(24)
    await publish(span(1, 24))
    while (verifier.headRef.number < 13n) verifier.append((await pipeline.next(verifier.headRef))!.attributes)
    const restarted = new DerivationPipeline({ config, l1, l2: verifier })
    await restarted.reset(verifier.headRef)
    for (let next = await restarted.next(verifier.headRef); next; next = await restarted.next(verifier.headRef))
      verifier.append(next.attributes)
    expect(verifier.head.hash).toBe(sequencer.head.hash)
  })

  it('does not lose a span whose parent it could not look up at once', async () => {
    const { verifier, sequencer, sequence, publish, span, derive, pipeline } = await spanNetwork()
    await sequence(6)
    await publish(span(1, 3))
    await derive()
    await publish(span(2, 6))
    const lookUp = verifier.blockRef.bind(verifier)
    verifier.blockRef = async () => {
      throw new TemporaryError('the store is busy')
    }
    await expect(pipeline.next(verifier.headRef)).rejects.toThrow(TemporaryError)
    verifier.blockRef = lookUp
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
  })
})
