import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import { NodeError, ResetError, TemporaryError } from '../errors.ts'
import { concatBytes, wordBytes, wordHex } from '../execution/bytes.ts'
import { encodeBlob } from './blob.ts'
import { channelFrames, randomChannelId } from './channel.ts'
import { encodeFrames } from './frame.ts'
import { DerivationPipeline } from './pipeline.ts'
import { CONFIG_UPDATE } from './system-config.ts'
import { memoryNetwork, sent } from './testing/network.ts'

describe.each(['singular', 'span'] as const)('derivation from %s batches', (batchType) => {
  const network = (changes: Partial<ChainConfig> = {}) => memoryNetwork(changes, batchType)

  it('makes the same blocks from calldata as the sequencer made, over several epochs', async () => {
    const { l1, sequencer, verifier, frames, sequence, derive } = await network()
    const blocks = await sequence(20)
    const block = l1.mine({ transactions: [sent(await frames(blocks))] })
    const derived = await derive()
    expect(derived).toHaveLength(20)
    expect(verifier.head.hash).toBe(sequencer.head.hash)
    expect(derived.every(({ derivedFrom }) => derivedFrom.hash === block.hash)).toBe(true)
    expect(derived.every(({ attributes }) => attributes.noTxPool)).toBe(true)
    const concluding = derived.filter(({ concludes }) => concludes)
    expect(concluding).toHaveLength(batchType === 'span' ? 1 : 20)
    expect(derived.at(-1)!.concludes).toBe(true)
  })

  it('makes the same blocks from blobs, with frames over several L1 blocks', async () => {
    const { l1, sequencer, verifier, frames, sequence, derive, reasons } = await network()
    const parts = await frames(await sequence(12), 60)
    expect(parts.length).toBeGreaterThan(3)
    for (const frame of parts) l1.mine({ transactions: [l1.blobTransaction([encodeBlob(encodeFrames([frame]))])] })
    expect(await derive()).toHaveLength(12)
    expect(verifier.head.hash).toBe(sequencer.head.hash)
    expect(reasons).toEqual([])
  })

  it('reads every way of cutting the same channel alike', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 40, max: 600 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async (size, inBlobs, each) => {
          const { l1, sequencer, verifier, frames, sequence, derive } = await network()
          const parts = await frames(await sequence(6), size)
          for (let at = 0; at < parts.length; at += each) {
            const payload = encodeFrames(parts.slice(at, at + each))
            l1.mine({
              after: 1n,
              transactions: [inBlobs ? l1.blobTransaction([encodeBlob(payload)]) : { input: payload }],
            })
          }
          await derive()
          expect(verifier.head.hash).toBe(sequencer.head.hash)
        },
      ),
      { numRuns: 15 },
    )
  })

  it('takes a batch that was published twice for one of the past', async () => {
    const { l1, sequencer, verifier, frames, sequence, derive, reasons } = await network()
    const first = await sequence(4)
    l1.mine({ after: 1n, transactions: [sent(await frames(first))] })
    const rest = await sequence(4)
    l1.mine({ transactions: [sent(await frames([...first, ...rest]))] })
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
    expect(reasons).toEqual([])
  })

  it('listens to the batcher alone, and from the block on in which it changes to the new one', async () => {
    const { config, l1, sequencer, verifier, frames, sequence, derive } = await network()
    const payload = sent(await frames(await sequence(3)))
    const successor = `0x${'b2'.repeat(20)}` as const
    l1.mine({ transactions: [{ ...payload, from: successor }] })
    l1.mine({
      transactions: [
        { ...payload, to: config.depositContractAddress },
        { ...payload, type: 4 },
      ],
    })
    expect(await derive()).toEqual([])
    const topics = [CONFIG_UPDATE, wordHex(0n), wordHex(0n)]
    const data = concatBytes(wordBytes(32n), wordBytes(32n), wordBytes(BigInt(successor)))
    l1.mine({ logs: [{ address: config.l1SystemConfigAddress, topics, data }], transactions: [payload] })
    expect(await derive()).toEqual([])
    l1.mine({ transactions: [{ ...payload, from: successor }] })
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
  })

  it('leaves the rest of a channel where its block turned out invalid and only its deposits stay', async () => {
    const { l1, verifier, frames, sequence, pipeline } = await network()
    l1.mine({ transactions: [sent(await frames(await sequence(5)))] })
    const derived = await pipeline.next(verifier.headRef)
    verifier.append({ ...derived!.attributes, transactions: derived!.attributes.transactions.slice(0, 1) })
    pipeline.dropChannel()
    expect(await pipeline.next(verifier.headRef)).toBeUndefined()
  })

  it('fills with deposit-only blocks once the sequencing window has passed, one or more for every L1 block', async () => {
    const { l1, verifier, derive } = await network({ seqWindowSize: 4 })
    while (l1.head.number < 6n) l1.mine()
    const derived = await derive()
    const refs = await Promise.all(verifier.blocks.map((_, index) => verifier.blockRef(BigInt(index))))
    expect(derived.length).toBeGreaterThan(6)
    expect(Math.max(...refs.map((ref) => Number(ref.l1Origin.number)))).toBe(2)
    expect(refs.filter((ref) => ref.sequenceNumber === 0n).map((ref) => ref.l1Origin.number)).toEqual([1n, 2n])
    expect(derived.every(({ attributes }) => attributes.transactions.every((raw) => raw[0] === 0x7e))).toBe(true)
    l1.mine()
    await derive()
    expect(verifier.headRef.l1Origin.number).toBe(3n)
  })

  it('refuses a batch after its window, although it would have fitted', async () => {
    const { l1, verifier, frames, sequence, derive } = await network({ seqWindowSize: 3 })
    const blocks = await sequence(2)
    for (let index = 0; index < 5; index++) l1.mine()
    l1.mine({ transactions: [sent(await frames(blocks))] })
    await derive()
    expect(verifier.at(1n).hash).not.toBe(blocks[0]!.hash)
  })

  it('survives a source that fails at any moment, without losing or doubling a block', async () => {
    const { l1, sequencer, verifier, frames, sequence, pipeline } = await network()
    l1.mine({ transactions: [sent(await frames(await sequence(10)))] })
    for (let turn = 0; verifier.head.hash !== sequencer.head.hash; turn++) {
      expect(turn).toBeLessThan(200)
      l1.isDown = turn % 2 === 0
      try {
        const step = await pipeline.step(verifier.headRef)
        if (step.kind === 'attributes') verifier.append(step.derived.attributes)
      } catch (error) {
        expect(error).toBeInstanceOf(TemporaryError)
      }
    }
    expect(verifier.blocks).toHaveLength(11)
  })

  it('asks for a reset when L1 reorganizes or comes back shorter, and derives the new L1 after it', async () => {
    const { l1, sequencer, verifier, frames, sequence, derive, pipeline } = await network()
    const blocks = await sequence(4)
    l1.mine({ transactions: [sent(await frames(blocks.slice(0, 2)))] })
    await derive()
    l1.rollBack(l1.head.number - 1n)
    await expect(pipeline.next(verifier.headRef)).rejects.toThrow(ResetError)
    l1.mine()
    await expect(pipeline.next(verifier.headRef)).rejects.toThrow(ResetError)
    verifier.blocks.length = 1
    await pipeline.reset(verifier.headRef)
    l1.mine({ transactions: [sent(await frames(blocks))] })
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
  })

  it('goes on after a restart in the middle of a channel that began long before the safe head', async () => {
    const { config, l1, sequencer, verifier, frames, sequence, pipeline } = await network()
    const parts = await frames(await sequence(24), 100)
    expect(l1.head.number).toBeGreaterThanOrEqual(4n)
    l1.addTo(2n, sent(parts.slice(0, 1)))
    l1.mine({ transactions: [sent(parts.slice(1))] })
    while (verifier.headRef.l1Origin.number < 4n) verifier.append((await pipeline.next(verifier.headRef))!.attributes)
    const restarted = new DerivationPipeline({ config, l1, l2: verifier })
    await restarted.reset(verifier.headRef)
    for (
      let derived = await restarted.next(verifier.headRef);
      derived;
      derived = await restarted.next(verifier.headRef)
    )
      verifier.append(derived.attributes)
    expect(verifier.head.hash).toBe(sequencer.head.hash)
  })

  it('refuses to start on an L1 block that is not canonical', async () => {
    const { l1, verifier, frames, sequence, derive, pipeline } = await network()
    l1.mine({ transactions: [sent(await frames(await sequence(10)))] })
    await derive()
    l1.rollBack(1n)
    l1.mine()
    const safe = { ...verifier.headRef, l1Origin: { number: 60n, hash: wordHex(60n) } }
    await expect(pipeline.reset(safe)).rejects.toThrow(ResetError)
  })
})

describe.each(['singular', 'span'] as const)('hostile data from the batcher of %s batches', (batchType) => {
  const network = () => memoryNetwork({}, batchType)

  it('never stops derivation nor hides an honest channel after it', async () => {
    const { l1, sequencer, verifier, frames, sequence, derive, reasons } = await network()
    const parts = await frames(await sequence(6), 60)
    const bomb = deflateSync(new Uint8Array(32 * 1024 * 1024), { level: 9 })
    const junk = channelFrames(randomChannelId(), randomBytes(500), 200)
    const blob = encodeBlob(encodeFrames(parts))
    const spoiled = Uint8Array.from(blob, (byte, index) => (index === 0 ? 0xff : byte))
    const payloads = [
      { input: new Uint8Array(0) },
      { input: encodeFrames(parts).subarray(0, -1) },
      sent(parts.toReversed()),
      sent([...parts.slice(1), ...parts.slice(1)]),
      sent(junk),
      sent(channelFrames(randomChannelId(), bomb, 900_000)),
      l1.blobTransaction([spoiled, encodeBlob(randomBytes(1_000))]),
    ]
    l1.mine({ after: 1n, transactions: payloads })
    expect(await derive()).toEqual([])
    expect(reasons.length).toBeGreaterThanOrEqual(payloads.length)
    l1.mine({
      after: 1n,
      transactions: [sent(parts.slice(0, 2)), sent(junk.slice(1)), sent(parts.slice(1, 2)), sent(parts.slice(2))],
    })
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
  })

  it('of random bytes leads to NodeErrors or nothing', async () => {
    const { l1, frames, sequence, derive, pipeline } = await network()
    const honest = encodeFrames(await frames(await sequence(5), 100))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(honest.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const input = Uint8Array.from(honest)
          for (const [at, value] of changes) input[at] = value
          l1.mine({ after: 1n, transactions: [{ input }] })
          try {
            await derive()
          } catch (error) {
            expect(error).toBeInstanceOf(NodeError)
          }
        },
      ),
      { numRuns: 60 },
    )
    // Brotli carries no checksum, so a changed channel may hold other batches that are valid: the batcher's word is all
    // there is, and the verifier's chain may be another than the sequencer's. But nothing stops it from reading on.
    l1.mine({ after: 1n, transactions: [{ input: honest }] })
    await derive()
    expect(pipeline.origin.hash).toBe(l1.head.hash)
  })
})

describe('an invalid batch', () => {
  it('is dropped with the rest of its channel, and the next channel is read', async () => {
    const { l1, sequencer, verifier, frames, sequence, derive, reasons } = await memoryNetwork()
    const blocks = await sequence(6)
    const gap = [blocks[0]!, blocks[1]!, blocks[3]!, blocks[2]!]
    l1.mine({ after: 1n, transactions: [sent(await frames(gap))] })
    await derive()
    expect(verifier.head.hash).toBe(blocks[1]!.hash)
    expect(reasons).toHaveLength(1)
    l1.mine({ after: 1n, transactions: [sent(await frames(blocks.slice(2)))] })
    await derive()
    expect(verifier.head.hash).toBe(sequencer.head.hash)
  })
})
