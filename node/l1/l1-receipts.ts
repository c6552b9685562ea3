/**
 * L1 receipts as eth_getBlockReceipts gives them, proved by the header's receiptsRoot:
 *
 *   [type ‖] rlp[status, cumulativeGasUsed, logsBloom, [[address, topics, data], …]]
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { concatBytes, hexToBytes, uintToBytes } from '../execution/bytes.ts'
import { encodeRlp } from '../execution/rlp.ts'
import { orderedTrieRoot } from '../state/trie.ts'
import { address, bytes, data, hash, quantity } from './json-fields.ts'
import type { L1Receipt } from './source.ts'

export const l1ReceiptSchema = z.object({
  type: quantity.default(0n),
  transactionHash: hash,
  status: quantity,
  cumulativeGasUsed: quantity,
  logsBloom: bytes(256),
  logs: z.array(z.object({ address, topics: z.array(hash).max(4), data })),
})

export type L1JsonReceipt = z.output<typeof l1ReceiptSchema>

function encodeReceipt(receipt: L1JsonReceipt): Uint8Array {
  const body = encodeRlp([
    uintToBytes(receipt.status),
    uintToBytes(receipt.cumulativeGasUsed),
    hexToBytes(receipt.logsBloom),
    receipt.logs.map((log) => [hexToBytes(log.address), log.topics.map(hexToBytes), hexToBytes(log.data)]),
  ])
  return receipt.type === 0n ? body : concatBytes(Uint8Array.of(Number(receipt.type)), body)
}

/** The block's receipts. Throws an Error where they are not what the root commits to. */
export function checkedReceipts(receipts: L1JsonReceipt[], receiptsRoot: Hex): L1Receipt[] {
  const root = orderedTrieRoot(receipts.map(encodeReceipt))
  if (root !== receiptsRoot) throw new Error(`receipts have root ${root}, the header says ${receiptsRoot}`)
  return receipts.map((receipt) => ({
    transactionHash: receipt.transactionHash,
    succeeded: receipt.status === 1n,
    logs: receipt.logs.map((log) => ({ address: log.address, topics: log.topics, data: hexToBytes(log.data) })),
  }))
}
