/**
 * Span batches: many consecutive L2 blocks in columns (specs.optimism.io, "Span Batches", Delta; type 4: Isthmus).
 *
 *   span batch = 0x01 ‖ prefix ‖ payload
 *   prefix   = rel_timestamp uvarint ‖ l1_origin_num uvarint ‖ parent_check 20 ‖ l1_origin_check 20
 *   payload  = block_count uvarint ‖ origin_bits ‖ block_tx_counts uvarint… ‖ txs
 *   txs      = contract_creation_bits ‖ y_parity_bits ‖ (r 32 ‖ s 32)… ‖ to 20… ‖ tx_data… ‖ nonce uvarint… ‖ gas uvarint… ‖
 *              protected_bits
 *
 * What a span claims is allocated only as far as its bytes can bear it: decoding takes memory in proportion to them. The
 * transactions stay in their columns and become envelopes block by block.
 */
import type { Hex } from 'viem'
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { HashedBlock } from '../execution/block.ts'
import { bytesToHex, hexToBytes } from '../execution/bytes.ts'
import { DEPOSIT_TYPE } from '../execution/transaction.ts'
import { l2BlockRef } from './block-ref.ts'
import { ByteReader, bitAt, encodeBits, encodeUvarint } from './byte-reader.ts'
import { BATCH_VERSION_SPAN, MAX_SPAN_BATCH_ELEMENT_COUNT } from './constants.ts'
import { MalformedError } from './malformed.ts'
import { chainItems, nextEnvelopes, PART_MARKS, type SpanTransactions, skipTransactions } from './span-envelope.ts'
import { readSpanTransaction, splitTransaction } from './span-transaction.ts'

export type SpanPrefix = {
  /** Seconds from block 0 to the first block of the span. */
  relTimestamp: bigint
  /** Number of the last block's L1 origin. */
  l1OriginNumber: bigint
  /** First 20 bytes of the hash of the block before the span. */
  parentCheck: Hex
  /** First 20 bytes of the hash of the last block's L1 origin. */
  l1OriginCheck: Hex
}

export type SpanBlock = {
  /** Whether its L1 origin is the one after its parent's. */
  originChanged: boolean
  /** EIP-2718 envelopes without deposits. */
  transactions: Uint8Array[]
}

/** What a span batch says. */
export type SpanContent = SpanPrefix & { blocks: SpanBlock[] }

/** A decoded span batch; see {@link spanBlocks}. */
export type SpanBatch = SpanPrefix & {
  blockCount: number
  originBits: Uint8Array
  transactionCounts: Uint32Array
  transactions: SpanTransactions
}

/** `bytes` include the version; what follows the batch is ignored, as the specification allows. Throws {@link MalformedError}. */
export function decodeSpanBatch(bytes: Uint8Array, chainId: bigint): SpanBatch {
  const reader = new ByteReader(bytes)
  if (reader.take(1, 'batch version')[0] !== BATCH_VERSION_SPAN) throw new MalformedError('not a span batch')
  const prefix = {
    relTimestamp: reader.uvarint('rel_timestamp'),
    l1OriginNumber: reader.uvarint('l1_origin_num'),
    parentCheck: bytesToHex(reader.take(20, 'parent_check')),
    l1OriginCheck: bytesToHex(reader.take(20, 'l1_origin_check')),
  }
  const blockCount = reader.count('block_count', MAX_SPAN_BATCH_ELEMENT_COUNT)
  if (blockCount === 0) throw new MalformedError('span batch of no block')
  const originBits = reader.bits(blockCount, 'origin_bits')
  const { counts, total } = readTransactionCounts(reader, blockCount)
  const transactions = readTransactions(reader, total, chainId)
  return { ...prefix, blockCount, originBits, transactionCounts: counts, transactions }
}

function readTransactionCounts(reader: ByteReader, blockCount: number): { counts: Uint32Array; total: number } {
  if (reader.left < blockCount) throw new MalformedError('block_tx_counts are cut off')
  const counts = new Uint32Array(blockCount)
  let total = 0
  for (let block = 0; block < blockCount; block++) {
    const count = reader.count('block_tx_count', MAX_SPAN_BATCH_ELEMENT_COUNT)
    counts[block] = count
    total += count
    if (total > MAX_SPAN_BATCH_ELEMENT_COUNT)
      throw new MalformedError(`span batch claims over ${MAX_SPAN_BATCH_ELEMENT_COUNT} transactions`)
  }
  return { counts, total }
}

function readTransactions(reader: ByteReader, count: number, chainId: bigint): SpanTransactions {
  const creations = reader.bits(count, 'contract_creation_bits')
  const yParities = reader.bits(count, 'y_parity_bits')
  const signatures = reader.take(64 * count, 'tx_sigs')
  const recipients = reader.take(20 * (count - onesOf(creations, count)), 'tx_tos')
  const { parts, legacyCount } = readParts(reader, count, creations)
  return {
    count,
    bytes: reader.bytes,
    creations,
    yParities,
    signatures,
    recipients,
    parts,
    nonces: reader.uvarints(count, 'tx_nonce'),
    gases: reader.uvarints(count, 'tx_gas'),
    protections: reader.bits(legacyCount, 'protected_bits'),
    chain: chainItems(chainId),
  }
}

function readParts(reader: ByteReader, count: number, creations: Uint8Array) {
  const parts = new Uint32Array(PART_MARKS * count + 1)
  let legacyCount = 0
  for (let index = 0; index < count; index++) {
    const { type, value, fees, rest, end } = readSpanTransaction(reader.bytes, reader.at)
    const at = PART_MARKS * index
    parts[at] = reader.at
    parts[at + 1] = value
    parts[at + 2] = fees
    parts[at + 3] = rest
    if (type === 0) legacyCount++
    if (type === 4 && bitAt(creations, index))
      throw new MalformedError('a transaction of type 4 in the span creates a contract')
    reader.at = end
  }
  parts[PART_MARKS * count] = reader.at
  return { parts, legacyCount }
}

export function onesOf(bits: Uint8Array, count: number): number {
  let ones = 0
  for (let index = 0; index < count; index++) if (bitAt(bits, index)) ones++
  return ones
}

/** The blocks in order from index `from` on, each made when it is asked for. */
export function* spanBlocks(batch: SpanBatch, from = 0): Generator<SpanBlock> {
  const walk = { index: 0, recipient: 0, legacy: 0 }
  for (let block = 0; block < from; block++) skipTransactions(batch.transactions, batch.transactionCounts[block]!, walk)
  for (let block = from; block < batch.blockCount; block++) {
    const transactions = nextEnvelopes(batch.transactions, batch.transactionCounts[block]!, walk)
    yield { originChanged: bitAt(batch.originBits, block), transactions }
  }
}

/** Everything that the batch says, at once. */
export function spanContent(batch: SpanBatch): SpanContent {
  const { relTimestamp, l1OriginNumber, parentCheck, l1OriginCheck } = batch
  return { relTimestamp, l1OriginNumber, parentCheck, l1OriginCheck, blocks: [...spanBlocks(batch)] }
}

/** The canonical bytes, version included. Throws a RangeError where a transaction is of a kind or chain that has no form here. */
export function encodeSpanBatch(content: SpanContent, chainId: bigint): Uint8Array {
  const { blocks } = content
  const split = blocks.flatMap(({ transactions }) => transactions.map((raw) => splitTransaction(raw, chainId)))
  if (blocks.length === 0 || Math.max(blocks.length, split.length) > MAX_SPAN_BATCH_ELEMENT_COUNT)
    throw new RangeError(`a span batch cannot hold ${blocks.length} blocks of ${split.length} transactions`)
  return Buffer.concat([
    Uint8Array.of(BATCH_VERSION_SPAN),
    encodeUvarint(content.relTimestamp),
    encodeUvarint(content.l1OriginNumber),
    hexToBytes(content.parentCheck),
    hexToBytes(content.l1OriginCheck),
    encodeUvarint(BigInt(blocks.length)),
    encodeBits(blocks.map(({ originChanged }) => originChanged)),
    ...blocks.map(({ transactions }) => encodeUvarint(BigInt(transactions.length))),
    encodeBits(split.map(({ to }) => to === undefined)),
    encodeBits(split.map(({ yParity }) => yParity)),
    ...split.flatMap(({ r, s }) => [r, s]),
    ...split.flatMap(({ to }) => (to === undefined ? [] : [to])),
    ...split.map(({ part }) => part),
    ...split.map(({ nonce }) => encodeUvarint(nonce)),
    ...split.map(({ gas }) => encodeUvarint(gas)),
    encodeBits(split.flatMap(({ part, isProtected }) => (part[0]! > 0x7f ? [isProtected] : []))),
  ])
}

/** The span batch of consecutive blocks, none of them block 0. Throws a RangeError where they do not follow each other. */
export function spanOfBlocks(config: ChainConfig, blocks: HashedBlock[]): SpanContent {
  const refs = blocks.map((block) => l2BlockRef(config, block))
  const first = refs[0]
  const last = refs.at(-1)
  if (first === undefined || last === undefined || first.number === 0n) throw new RangeError('a span begins at block 1')
  const gap = refs.findIndex((ref, index) => index > 0 && ref.parentHash !== refs[index - 1]!.hash)
  if (gap !== -1) throw new RangeError(`L2 block ${refs[gap]!.number} does not follow the one before it in the span`)
  return {
    relTimestamp: first.timestamp - BigInt(config.genesis.l2Time),
    l1OriginNumber: last.l1Origin.number,
    parentCheck: shortHash(first.parentHash),
    l1OriginCheck: shortHash(last.l1Origin.hash),
    blocks: refs.map((ref, index) => ({
      originChanged: ref.sequenceNumber === 0n,
      transactions: blocks[index]!.block.transactions.filter((raw) => raw[0] !== DEPOSIT_TYPE),
    })),
  }
}

/** The 20 bytes of a hash that a span batch carries. */
export function shortHash(hash: Hex): Hex {
  return hash.slice(0, 42) as Hex
}
