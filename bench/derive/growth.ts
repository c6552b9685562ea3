/**
 * How derivation's cost grows with the length of a chain: ten times as many transactions each time, up to
 * `--transactions`. The chain is made once for each length, in channels as the batcher cuts them (six blobs), and its L1 and
 * the verifier's view of L2 lie in memory; blocks are not executed. Channels are compressed at brotli's quality 5, fifty
 * times as quick as the batcher's 10 and a third of a percent larger on these bytes, because a million transactions would
 * take ten minutes otherwise.
 *
 * Beside the rates: bytes of L1 a transaction, against those that are random and against one stream of all batches with
 * the compressor's largest window, which is what cutting into channels costs; and the memory that lives while deriving.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { l2BlockRef } from '../../node/derivation/block-ref.ts'
import { channelFrames, randomChannelId, spanChannelItem } from '../../node/derivation/channel.ts'
import { CHANNEL_VERSION_BROTLI } from '../../node/derivation/constants.ts'
import { encodeFrames } from '../../node/derivation/frame.ts'
import { DerivationPipeline } from '../../node/derivation/pipeline.ts'
import { spanOfBlocks } from '../../node/derivation/span-batch.ts'
import { systemConfigFromBlock } from '../../node/derivation/system-config.ts'
import { memoryNetwork } from '../../node/derivation/testing/network.ts'
import { DEPOSIT_TYPE } from '../../node/execution/transaction.ts'
import { type BenchOptions, type BenchResult, compare, printNote, printResult, seconds } from '../measure.ts'
import { RANDOM_BYTES, tokenTransfer } from './token-transfer.ts'

const LENGTHS = [10_000, 100_000, 1_000_000]
const DEFAULT_LONGEST = 100_000
const BLOCK_TRANSACTIONS = 40
/** About as many as fill six blobs. */
const CHANNEL_BLOCKS = 200
const QUALITY = 5
/** What one stream is compared up to; beyond, it would take minutes and say the same. */
const MOST_IN_ONE_STREAM = 100_000
/** Times that the memory is looked at. */
const LOOKS = 10
const MB = 1e6

export async function measureGrowth(options: BenchOptions): Promise<BenchResult[]> {
  const longest = options.transactions ?? DEFAULT_LONGEST
  const results: BenchResult[] = []
  for (const length of new Set([...LENGTHS.filter((each) => each < longest), longest])) {
    const chain = await makeChain(length)
    const decompress = () => {
      for (const channel of chain.channels) brotliDecompressSync(channel.subarray(1))
    }
    // What the processor worked, whoever else it worked for: on a shared machine it tells more of growth than the clock.
    let leastCpu = Number.POSITIVE_INFINITY
    const result = await compare({
      bench: 'derive',
      metric: `a chain of ${length.toLocaleString('en-GB')} transactions`,
      unit: 'transactions/s',
      rounds: length > MOST_IN_ONE_STREAM ? 1 : 3,
      subject: {
        name: 'derivation',
        run: async () => {
          const before = process.cpuUsage()
          const rate = length / (await seconds(() => derive(chain)))
          const { user, system } = process.cpuUsage(before)
          leastCpu = Math.min(leastCpu, (user + system) / length)
          return rate
        },
      },
      peer: { name: 'brotli decompression', run: async () => length / (await seconds(decompress)) },
    })
    results.push(result)
    printResult(result, options)
    for (const note of notesOf(chain, leastCpu, await liveMemory(chain))) printNote(note, options)
  }
  return results
}

type SyntheticChain = Awaited<ReturnType<typeof makeChain>>

async function makeChain(length: number) {
  const { config, l1, sequencer } = await memoryNetwork()
  const chainId = BigInt(config.l2ChainId)
  const channels: Uint8Array[] = []
  const plain: Uint8Array[] = []
  let raw = 0
  const publish = () => {
    const from = sequencer.blocks.length - waiting
    const item = spanChannelItem(spanOfBlocks(config, sequencer.blocks.slice(from)), chainId)
    raw += item.length
    if (length <= MOST_IN_ONE_STREAM) plain.push(item)
    const channel = Buffer.concat([Uint8Array.of(CHANNEL_VERSION_BROTLI), compressed([item])])
    channels.push(channel)
    const frames = channelFrames(randomChannelId(), channel, 120_000)
    l1.mine({ transactions: frames.map((frame) => ({ input: encodeFrames([frame]) })) })
    // What is on L1 need not lie here too: deposits tell where a block stands.
    for (let index = from; index < sequencer.blocks.length; index++) {
      const { hash, block } = sequencer.blocks[index]!
      const transactions = block.transactions.filter((each) => each[0] === DEPOSIT_TYPE)
      sequencer.blocks[index] = { hash, block: { ...block, transactions } }
    }
    waiting = 0
  }
  let waiting = 0
  for (let made = 0; made < length; waiting++) {
    if (waiting === CHANNEL_BLOCKS) publish()
    if (sequencer.head.block.header.timestamp + 2n >= l1.head.timestamp + 12n) l1.mine()
    const count = Math.min(BLOCK_TRANSACTIONS, length - made)
    const first = made
    await sequencer.sequence(
      l1,
      Array.from({ length: count }, (_, index) => tokenTransfer(chainId, BigInt(first + index))),
    )
    made += count
  }
  publish()
  const oneStream = plain.length === 0 ? undefined : compressed(plain).length
  return { config, l1, blocks: sequencer.blocks, channels, length, raw, oneStream }
}

function compressed(items: Uint8Array[]): Uint8Array {
  const params = { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_LGWIN]: 24 }
  return brotliCompressSync(Buffer.concat(items), { params })
}

/** All of L1; the sequencer's blocks take the place of execution. `look` is called some times on the way. */
async function derive({ config, l1, blocks, length }: SyntheticChain, look = () => {}): Promise<void> {
  let head = 0
  const ref = (number: number) => l2BlockRef(config, blocks[number]!)
  const l2 = {
    blockRef: async (number: bigint) => ref(Number(number)),
    systemConfigOf: async (number: bigint) => systemConfigFromBlock(config, blocks[Number(number)]!.block),
  }
  const pipeline = new DerivationPipeline({ config, l1, l2 })
  await pipeline.reset(ref(0))
  const every = Math.max(1, Math.floor(blocks.length / LOOKS))
  let transactions = 0
  for (let made = await pipeline.next(ref(0)); made; made = await pipeline.next(ref(head))) {
    transactions += made.attributes.transactions.length
    head++
    transactions -= blocks[head]!.block.transactions.length
    if (head % every === 0) look()
  }
  if (head !== blocks.length - 1 || transactions !== length)
    throw new Error(`derived ${transactions} of ${length} transactions in ${head} of ${blocks.length - 1} blocks`)
}

/** Bytes that live while deriving, beyond those that live after it: the most of some looks, each after a collection. */
async function liveMemory(chain: SyntheticChain): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const live = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  let most = 0
  await derive(chain, () => {
    most = Math.max(most, live())
  })
  return most - live()
}

function* notesOf({ length, raw, channels, oneStream }: SyntheticChain, cpu: number, memory: number) {
  const bytes = channels.reduce((sum, channel) => sum + channel.length, 0)
  const each = (total: number) => (total / length).toFixed(2)
  const stream = oneStream === undefined ? '' : `, ${each(oneStream)} in one stream`
  yield `${each(bytes)} bytes of L1 a transaction in ${channels.length} channels${stream}, ${RANDOM_BYTES} of them random; ${each(raw)} before compression`
  yield `${cpu.toFixed(2)} µs of processor a transaction; ${(memory / MB).toFixed(1)} MB live while deriving`
}
