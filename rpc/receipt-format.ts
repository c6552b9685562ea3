/**
 * Receipts as op-geth prints them: Ethereum's fields, what the transaction paid for L1 (Ecotone, Fjord), to the
 * operator (Isthmus) and took of the data-availability footprint (Jovian), and a deposit's nonce.
 */
import type { ChainConfig } from '../genesis/chain-config.ts'
import type { L1Info } from '../node/derivation/l1-info.ts'
import { l1InfoFromBlock } from '../node/derivation/system-config.ts'
import type { HashedBlock, Receipt } from '../node/execution/block.ts'
import { logsBloom } from '../node/execution/bloom.ts'
import { bytesToHex } from '../node/execution/bytes.ts'
import { estimatedSizeScaled } from '../node/execution/fees.ts'
import { type Json, quantity } from './json.ts'
import { formatLog, placedLogs } from './log-format.ts'

/** Gas of one non-zero byte of calldata on L1 (EIP-2028), in which `l1GasUsed` counts. */
const CALLDATA_GAS = 16n
const SIZE_SCALE = 1_000_000n

/** All receipts of a block, in order; `only` picks one of them. */
export function formatReceipts(config: ChainConfig, block: HashedBlock, receipts: Receipt[], only?: number): Json[] {
  if (receipts.length === 0) return []
  const l1 = l1InfoFromBlock(config, block.block)
  const logs = placedLogs(block, receipts)
  const firstLog = firstLogs(receipts)
  const indices = only === undefined ? receipts.map((_, index) => index) : [only]
  return indices.map((index) => {
    const receipt = receipts[index]
    const raw = block.block.transactions[index]
    if (receipt === undefined || raw === undefined) throw new RangeError(`block ${block.hash} has no receipt ${index}`)
    const own = logs.slice(firstLog[index], firstLog[index]! + receipt.logs.length).map(formatLog)
    return {
      ...baseFields(block, receipt, index),
      logs: own,
      ...(receipt.type === 0x7e ? depositFields(receipt) : costFields(receipt, raw, l1)),
    }
  })
}

/** Position of each receipt's first log among all logs of the block. */
function firstLogs(receipts: Receipt[]): number[] {
  let next = 0
  return receipts.map(({ logs }) => {
    const first = next
    next += logs.length
    return first
  })
}

function baseFields({ hash, block }: HashedBlock, receipt: Receipt, index: number): { [key: string]: Json } {
  return {
    blockHash: hash,
    blockNumber: quantity(block.header.number),
    transactionHash: receipt.transactionHash,
    transactionIndex: quantity(index),
    type: quantity(receipt.type),
    status: receipt.succeeded ? '0x1' : '0x0',
    from: receipt.from,
    to: receipt.to ?? null,
    contractAddress: receipt.contractAddress ?? null,
    cumulativeGasUsed: quantity(receipt.cumulativeGasUsed),
    gasUsed: quantity(receipt.gasUsed),
    effectiveGasPrice: quantity(receipt.effectiveGasPrice),
    logsBloom: bytesToHex(logsBloom(receipt.logs)),
  }
}

function depositFields(receipt: Receipt): { [key: string]: Json } {
  if (receipt.depositNonce === undefined) return {}
  return { depositNonce: quantity(receipt.depositNonce), depositReceiptVersion: '0x1' }
}

function costFields(receipt: Receipt, raw: Uint8Array, l1: L1Info): { [key: string]: Json } {
  return {
    l1GasPrice: quantity(l1.baseFee),
    l1BlobBaseFee: quantity(l1.blobBaseFee),
    l1GasUsed: quantity((estimatedSizeScaled(raw) * CALLDATA_GAS) / SIZE_SCALE),
    l1Fee: quantity(receipt.l1Fee),
    l1BaseFeeScalar: quantity(l1.baseFeeScalar),
    l1BlobBaseFeeScalar: quantity(l1.blobBaseFeeScalar),
    operatorFeeScalar: quantity(l1.operatorFeeScalar),
    operatorFeeConstant: quantity(l1.operatorFeeConstant),
    daFootprintGasScalar: quantity(l1.daFootprintGasScalar),
    blobGasUsed: quantity(receipt.daFootprint),
  }
}
