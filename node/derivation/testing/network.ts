/** A sequencer's chain and a verifier's, which starts from block 0 and knows the L1 between them alone; all in memory. */
import type { ChainConfig } from '../../../genesis/chain-config.ts'
import { sampleConfig } from '../../../genesis/testing/sample-config.ts'
import type { HashedBlock } from '../../execution/block.ts'
import { encodeRlp } from '../../execution/rlp.ts'
import { batchOfBlock } from '../batch.ts'
import {
  type Compression,
  channelFrames,
  channelItem,
  compressChannel,
  randomChannelId,
  spanChannelItem,
} from '../channel.ts'
import { encodeFrames, type Frame } from '../frame.ts'
import { DerivationPipeline, type DerivedAttributes, type PipelineModules } from '../pipeline.ts'
import { type SpanContent, spanOfBlocks } from '../span-batch.ts'
import { dropLog } from './list-stage.ts'
import { MemoryL1 } from './memory-l1.ts'
import { MemoryL2 } from './memory-l2.ts'

export type BatchType = 'singular' | 'span'

const NONE = new Uint8Array(0)

/** A legacy envelope without EIP-155 that carries a text. */
export function transactionOf(text: string | Uint8Array): Uint8Array {
  const one = Uint8Array.of(1)
  return encodeRlp([NONE, one, one, new Uint8Array(20), NONE, Buffer.from(text), Uint8Array.of(27), one, one])
}

export async function memoryNetwork(
  changes: Partial<ChainConfig> = {},
  batchType: BatchType = 'singular',
  { recoverSenders }: Pick<PipelineModules, 'recoverSenders'> = {},
) {
  const config = { ...sampleConfig(), ...changes }
  const chainId = BigInt(config.l2ChainId)
  const l1 = new MemoryL1(config)
  const sequencer = new MemoryL2(config)
  const verifier = new MemoryL2(config)
  const log = dropLog()
  const pipeline = new DerivationPipeline({ config, l1, l2: verifier, recoverSenders }, log)
  await pipeline.reset(verifier.headRef)
  const cut = async (items: Uint8Array[], maxFrameBytes = 1_000, compression: Compression = 'brotli') =>
    channelFrames(randomChannelId(), await compressChannel(items, compression), maxFrameBytes)
  const frames = (blocks: HashedBlock[], maxFrameBytes?: number): Promise<Frame[]> =>
    batchType === 'span'
      ? cut([spanChannelItem(spanOfBlocks(config, blocks), chainId)], maxFrameBytes)
      : cut(
          blocks.map((block) => channelItem(batchOfBlock(config, block))),
          maxFrameBytes,
        )
  /** A channel of span batches that may be any. */
  const spanFrames = (...spans: SpanContent[]) => cut(spans.map((span) => spanChannelItem(span, chainId)))
  /** Sequences `count` blocks with a transaction each, mining L1 as time goes on. */
  const sequence = async (count: number) => {
    for (let index = 0; index < count; index++) {
      if (sequencer.head.block.header.timestamp + 2n >= l1.head.timestamp + 12n) l1.mine()
      await sequencer.sequence(l1, [transactionOf(`transaction of block ${sequencer.blocks.length}`)])
    }
    return sequencer.blocks.slice(-count)
  }
  const derive = async (): Promise<DerivedAttributes[]> => {
    const all: DerivedAttributes[] = []
    for (;;) {
      const derived = await pipeline.next(verifier.headRef)
      if (derived === undefined) return all
      all.push(derived)
      verifier.append(derived.attributes)
    }
  }
  const { reasons } = log
  return { config, l1, sequencer, verifier, pipeline, cut, frames, spanFrames, sequence, derive, reasons }
}

export const sent = (frames: Frame[]) => ({ input: encodeFrames(frames) })
