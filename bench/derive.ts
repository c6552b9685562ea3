/**
 * `bench derive`: how fast L1's batches become payload attributes, against the bare decompression of the same bytes: frames,
 * channel, decompression, batches, envelopes and validity, on a chain in memory whose blocks are not executed. The peer,
 * Node's brotli or zlib, is the floor below which no derivation can go. Rates are of decompressed bytes. Then the same over
 * chains of growing length (derive/growth.ts).
 */
import { brotliDecompressSync, inflateSync } from 'node:zlib'
import { batchOfBlock } from '../node/derivation/batch.ts'
import { channelFrames, channelItem, compressChannel, spanChannelItem } from '../node/derivation/channel.ts'
import { encodeFrames } from '../node/derivation/frame.ts'
import { DerivationPipeline } from '../node/derivation/pipeline.ts'
import { spanOfBlocks } from '../node/derivation/span-batch.ts'
import { MemoryL2 } from '../node/derivation/testing/memory-l2.ts'
import { memoryNetwork } from '../node/derivation/testing/network.ts'
import { measureGrowth } from './derive/growth.ts'
import { tokenTransfer } from './derive/token-transfer.ts'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from './measure.ts'

const BLOCKS = 300
const TRANSACTIONS = 40
const ROUNDS = 5
const CHANNEL = `0x${'d0'.repeat(16)}` as const

export async function run(options: BenchOptions): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  const { config, l1, sequencer } = await memoryNetwork()
  const chainId = BigInt(config.l2ChainId)
  for (let block = 0; block < BLOCKS; block++) {
    if (sequencer.head.block.header.timestamp + 2n >= l1.head.timestamp + 12n) l1.mine()
    const first = BigInt(block * TRANSACTIONS)
    await sequencer.sequence(
      l1,
      Array.from({ length: TRANSACTIONS }, (_, index) => tokenTransfer(chainId, first + BigInt(index))),
    )
  }
  const blocks = sequencer.blocks.slice(1)
  const length = l1.head.number
  for (const batchType of ['span', 'singular'] as const) {
    const items =
      batchType === 'span'
        ? [spanChannelItem(spanOfBlocks(config, blocks), chainId)]
        : blocks.map((block) => channelItem(batchOfBlock(config, block)))
    const bytes = items.reduce((sum, item) => sum + item.length, 0)
    for (const compression of ['brotli', 'zlib'] as const) {
      const compressed = await compressChannel(items, compression)
      const transactions = channelFrames(CHANNEL, compressed, 120_000).map((frame) => ({
        input: encodeFrames([frame]),
      }))
      l1.rollBack(length)
      l1.mine({ transactions })
      const derive = async () => {
        const verifier = new MemoryL2(config)
        const pipeline = new DerivationPipeline({ config, l1, l2: verifier })
        await pipeline.reset(verifier.headRef)
        // The sequencer's own blocks take the place of execution.
        for (let made = await pipeline.next(verifier.headRef); made; made = await pipeline.next(verifier.headRef))
          verifier.blocks.push(sequencer.blocks[verifier.blocks.length]!)
        if (verifier.blocks.length !== BLOCKS + 1)
          throw new Error(`derived ${verifier.blocks.length - 1} of ${BLOCKS} blocks`)
      }
      const decompress =
        compression === 'brotli' ? () => brotliDecompressSync(compressed.subarray(1)) : () => inflateSync(compressed)
      const result = await compare({
        bench: 'derive',
        metric: `${batchType} batches in ${compression}`,
        unit: 'MB/s',
        rounds: ROUNDS,
        subject: { name: 'derivation', run: async () => bytes / 1e6 / (await seconds(derive)) },
        peer: { name: `${compression} decompression`, run: async () => bytes / 1e6 / (await seconds(decompress)) },
      })
      results.push(result)
      printResult(result, options)
      const each = compressed.length / (BLOCKS * TRANSACTIONS)
      printNote(
        `${each.toFixed(1)} bytes of L1 a transaction, ${(bytes / (BLOCKS * TRANSACTIONS)).toFixed(1)} before compression`,
        options,
      )
    }
  }
  return [...results, ...(await measureGrowth(options))]
}
