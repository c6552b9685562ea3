/**
 * Batches: what the batcher says of one L2 block (specs.optimism.io, "Derivation", Batch Format).
 *
 *   singular batch = 0x00 ‖ rlp([parent hash, epoch number, epoch hash, timestamp, [transaction, …]])
 *   span batch     = 0x01 ‖ …                                                                         see span-batch.ts
 */
import type { Hex } from 'viem'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { HashedBlock } from '../execution/block.ts'
import { hexToBytes, uintToBytes } from '../execution/bytes.ts'
import { encodeRlp, RlpError, readRlpHeader } from '../execution/rlp.ts'
import { type FieldFault, FieldReader } from '../execution/rlp-fields.ts'
import { DEPOSIT_TYPE } from '../execution/transaction.ts'
import { l2BlockRef } from './block-ref.ts'
import { BATCH_VERSION_SINGULAR, BATCH_VERSION_SPAN } from './constants.ts'
import { MalformedError } from './malformed.ts'
import { decodeSpanBatch, type SpanBatch } from './span-batch.ts'

export type SingularBatch = {
  parentHash: Hex
  /** L1 origin. */
  epoch: { number: bigint; hash: Hex }
  /** Seconds since 1970. */
  timestamp: bigint
  /** EIP-2718 envelopes without deposits. */
  transactions: Uint8Array[]
}

const malformed: FieldFault = (field, reason) => new MalformedError(`${field} ${reason}`)

export function encodeBatch(batch: SingularBatch): Uint8Array {
  const content = encodeRlp([
    hexToBytes(batch.parentHash),
    uintToBytes(batch.epoch.number),
    hexToBytes(batch.epoch.hash),
    uintToBytes(batch.timestamp),
    batch.transactions,
  ])
  return Buffer.concat([Uint8Array.of(BATCH_VERSION_SINGULAR), content])
}

export type Batch = SingularBatch | SpanBatch

export function isSpanBatch(batch: Batch): batch is SpanBatch {
  return 'parentCheck' in batch
}

/** A batch of either version, as it stands in a channel of the chain. Throws {@link MalformedError} that says what is wrong. */
export function decodeBatch(bytes: Uint8Array, chainId: bigint): Batch {
  return bytes[0] === BATCH_VERSION_SPAN ? decodeSpanBatch(bytes, chainId) : decodeSingularBatch(bytes)
}

/** What follows the batch is ignored, as the specification allows. Throws {@link MalformedError}. */
export function decodeSingularBatch(bytes: Uint8Array): SingularBatch {
  const version = bytes[0]
  if (version !== BATCH_VERSION_SINGULAR)
    throw new MalformedError(`batch has version ${version ?? 'none'}, not ${BATCH_VERSION_SINGULAR}`)
  const fields = FieldReader.decode(bytes.subarray(1, endOfItem(bytes, 1)), 'batch', [5], malformed)
  const parentHash = fields.hash('batch parent hash')
  const number = fields.u64('batch epoch number')
  const hash = fields.hash('batch epoch hash')
  const timestamp = fields.u64('batch timestamp')
  const list = fields.list('batch transactions')
  const items = new FieldReader(list, malformed)
  const transactions = list.map((_, index) => items.bytes(`batch transaction ${index}`))
  return { parentHash, epoch: { number, hash }, timestamp, transactions }
}

function endOfItem(bytes: Uint8Array, at: number): number {
  try {
    return readRlpHeader(bytes, at, bytes.length).end
  } catch (error) {
    if (!(error instanceof RlpError)) throw error
    throw new MalformedError(`batch is not canonical RLP: ${error.message}`)
  }
}

/** The batch that makes a verifier derive this block. Block 0 has none (throws a RangeError). */
export function batchOfBlock(config: ChainConfig, block: HashedBlock): SingularBatch {
  const ref = l2BlockRef(config, block)
  if (ref.number === 0n) throw new RangeError('block 0 is not derived from a batch')
  return {
    parentHash: ref.parentHash,
    epoch: ref.l1Origin,
    timestamp: ref.timestamp,
    transactions: block.block.transactions.filter((raw) => raw[0] !== DEPOSIT_TYPE),
  }
}
