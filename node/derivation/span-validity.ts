/**
 * Whether a span batch may be read, and the blocks that it adds to the safe chain (specs.optimism.io, "Holocene: Span
 * Batches", and of "Span Batches" the rules on prefix and first origin, which op-node and kona keep). Its blocks are
 * then judged one by one, as singular batches are.
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { L2BlockRef } from '../execution/block.ts'
import type { L1BlockRef } from '../l1/source.ts'
import type { BatchValidity } from './batch-validity.ts'
import { bitAt } from './byte-reader.ts'
import type { L2View } from './l2-view.ts'
import { onesOf, type SpanBatch, shortHash, spanBlocks } from './span-batch.ts'

/** What a span batch says of one block; parent and epoch's hash follow from the chains. */
export type SpanBlockInput = {
  timestamp: bigint
  originNumber: bigint
  transactions: Uint8Array[]
  isLast: boolean
}

export type SpanContext = {
  /** Safe head. */
  parent: L2BlockRef
  /** L1 from the parent's origin to the block being read. */
  l1Blocks: L1BlockRef[]
  /** The L1 block in which the batch's channel was completed. */
  inclusion: L1BlockRef
}

const drop = (reason: string): BatchValidity => ({ kind: 'drop', reason })

const startOf = (config: ChainConfig, span: SpanBatch) => BigInt(config.genesis.l2Time) + span.relTimestamp

/** Number of the L1 origin of the block before the first, as far as the bits tell. */
function originBefore(span: SpanBatch): bigint {
  return span.l1OriginNumber - BigInt(onesOf(span.originBits, span.blockCount))
}

export async function checkSpanBatch(
  { config, l2 }: { config: ChainConfig; l2: L2View },
  span: SpanBatch,
  { parent, l1Blocks, inclusion }: SpanContext,
): Promise<BatchValidity> {
  const blockTime = BigInt(config.blockTime)
  const start = startOf(config, span)
  const next = parent.timestamp + blockTime
  if (start > next) return drop(`timestamp ${start} leaves a gap after ${parent.timestamp}`)
  if (start + blockTime * BigInt(span.blockCount - 1) < next) return { kind: 'past' }
  if ((next - start) % blockTime !== 0n) return drop(`timestamp ${start} is not a block's before ${next}`)
  const before = parent.number - (next - start) / blockTime
  // relTimestamp is counted from block 0, which no batch makes.
  if (before < 0n) return drop(`timestamp ${start} is block 0's`)
  const previous = before === parent.number ? parent : await l2.blockRef(before)
  if (span.parentCheck !== shortHash(previous.hash))
    return drop(`parent ${span.parentCheck} is not L2 block ${previous.number} (${previous.hash})`)
  const origin = originBefore(span) + (bitAt(span.originBits, 0) ? 1n : 0n)
  if (origin + BigInt(config.seqWindowSize) < inclusion.number)
    return drop(`the sequencing window of L1 block ${origin} ended before ${inclusion.number}`)
  if (origin < previous.l1Origin.number || origin > previous.l1Origin.number + 1n)
    return drop(`first L1 origin ${origin} does not follow ${previous.l1Origin.number}`)
  const last = l1Blocks.find(({ number }) => number === span.l1OriginNumber)
  if (last === undefined || span.l1OriginCheck !== shortHash(last.hash))
    return drop(`last L1 origin ${span.l1OriginNumber} (${span.l1OriginCheck}) is not in the L1 chain being read`)
  return { kind: 'accept' }
}

/** The blocks after the time of the safe head, in order. */
export function* spanInputs(config: ChainConfig, span: SpanBatch, after: bigint): Generator<SpanBlockInput, void> {
  const blockTime = BigInt(config.blockTime)
  const start = startOf(config, span)
  const from = after < start ? 0 : Number((after - start) / blockTime) + 1
  let originNumber = originBefore(span)
  for (let index = 0; index < from; index++) if (bitAt(span.originBits, index)) originNumber++
  let index = from
  for (const { originChanged, transactions } of spanBlocks(span, from)) {
    if (originChanged) originNumber++
    const timestamp = start + blockTime * BigInt(index)
    index++
    yield { timestamp, originNumber, transactions, isLast: index === span.blockCount }
  }
}
