/**
 * Receipts as bytes.
 *
 * Consensus (EIP-2718, EIP-658, OP Stack deposits spec), what receiptsRoot commits to:
 *
 *   type ‖ rlp[status, cumulativeGasUsed, logsBloom, logs]                                    (type 0 without its byte)
 *   0x7e ‖ rlp[status, cumulativeGasUsed, logsBloom, logs, depositNonce, depositReceiptVersion=1]
 *
 * Storage, ours: the fields of `Receipt` in order, without the bloom, which follows from the logs.
 */
import type { Hex } from 'viem'
import { orderedTrieRoot } from '../state/trie.ts'
import type { Log, Receipt } from './block.ts'
import { logsBloom } from './bloom.ts'
import { bytesToHex, concatBytes, EMPTY_BYTES, hexToBytes, uintToBytes } from './bytes.ts'
import { encodeRlp, type RlpItem } from './rlp.ts'
import { type FieldFault, FieldReader, U256_MAX } from './rlp-fields.ts'
import { DEPOSIT_TYPE } from './transaction.ts'

/** Canyon. */
const DEPOSIT_RECEIPT_VERSION = 1n

/** Stored receipts that cannot be read: the database is damaged. */
export class ReceiptError extends Error {
  override name = 'ReceiptError'
}

const fault: FieldFault = (field, reason) => new ReceiptError(`stored receipt ${field}: ${reason}`)

export function logItem(log: Log): RlpItem {
  return [hexToBytes(log.address), log.topics.map(hexToBytes), log.data]
}

export function encodeReceipt(receipt: Receipt): Uint8Array {
  const items: RlpItem[] = [
    uintToBytes(receipt.succeeded ? 1n : 0n),
    uintToBytes(receipt.cumulativeGasUsed),
    logsBloom(receipt.logs),
    receipt.logs.map(logItem),
  ]
  if (receipt.type === DEPOSIT_TYPE && receipt.depositNonce !== undefined) {
    items.push(uintToBytes(receipt.depositNonce), uintToBytes(DEPOSIT_RECEIPT_VERSION))
  }
  const body = encodeRlp(items)
  return receipt.type === 0 ? body : concatBytes(new Uint8Array([receipt.type]), body)
}

export function receiptsRoot(receipts: Receipt[]): Hex {
  return orderedTrieRoot(receipts.map(encodeReceipt))
}

export function transactionsRoot(transactions: Uint8Array[]): Hex {
  return orderedTrieRoot(transactions)
}

/** The receipts of one block, for the database. */
export function encodeReceipts(receipts: Receipt[]): Uint8Array {
  return encodeRlp(
    receipts.map((receipt) => [
      uintToBytes(BigInt(receipt.type)),
      hexToBytes(receipt.transactionHash),
      hexToBytes(receipt.from),
      receipt.to === undefined ? EMPTY_BYTES : hexToBytes(receipt.to),
      receipt.contractAddress === undefined ? EMPTY_BYTES : hexToBytes(receipt.contractAddress),
      uintToBytes(receipt.succeeded ? 1n : 0n),
      uintToBytes(receipt.cumulativeGasUsed),
      uintToBytes(receipt.gasUsed),
      uintToBytes(receipt.effectiveGasPrice),
      receipt.logs.map(logItem),
      uintToBytes(receipt.l1Fee),
      uintToBytes(receipt.operatorFee),
      uintToBytes(receipt.daFootprint),
      receipt.depositNonce === undefined ? [] : [uintToBytes(receipt.depositNonce)],
    ]),
  )
}

/** Throws {@link ReceiptError}. */
export function decodeReceipts(bytes: Uint8Array): Receipt[] {
  return FieldReader.decodeList(bytes, 'list', fault).map((item) => {
    const fields = FieldReader.of(item, 'receipt', [14], fault)
    return {
      type: Number(fields.uint('type', 255n)),
      transactionHash: fields.hash('transactionHash'),
      from: fields.address('from'),
      to: fields.recipient('to'),
      contractAddress: fields.recipient('contractAddress'),
      succeeded: fields.uint('status', 1n) === 1n,
      cumulativeGasUsed: fields.u64('cumulativeGasUsed'),
      gasUsed: fields.u64('gasUsed'),
      effectiveGasPrice: fields.u256('effectiveGasPrice'),
      logs: fields.list('logs').map(readLog),
      l1Fee: fields.uint('l1Fee', U256_MAX),
      operatorFee: fields.u256('operatorFee'),
      daFootprint: fields.u64('daFootprint'),
      depositNonce: readOptionalUint(fields.list('depositNonce')),
    }
  })
}

function readLog(item: RlpItem): Log {
  const fields = FieldReader.of(item, 'log', [3], fault)
  const address = fields.address('log.address')
  const topics = fields.list('log.topics').map((topic) => {
    if (Array.isArray(topic)) throw fault('log.topics', 'must be strings')
    return bytesToHex(topic)
  })
  return { address, topics, data: fields.bytes('log.data') }
}

function readOptionalUint(items: RlpItem[]): bigint | undefined {
  return items.length === 0 ? undefined : new FieldReader(items, fault).u64('depositNonce')
}
