/**
 * Ethereum's receipts as bytes (EIP-2718, EIP-658), what receiptsRoot commits to:
 *
 *   type ‖ rlp[status, cumulativeGasUsed, logsBloom, logs]      (type 0 without its byte)
 *   rlp[stateRoot, cumulativeGasUsed, logsBloom, logs]          before Byzantium
 */
import type { Hex } from 'viem'
import { orderedTrieRoot } from '../../state/trie.ts'
import { logsBloom } from '../bloom.ts'
import { concatBytes, hexToBytes, uintToBytes } from '../bytes.ts'
import { logItem } from '../receipt.ts'
import { encodeRlp } from '../rlp.ts'
import type { EthereumOutcome } from './execute-transaction.ts'

export type EthereumReceipt = EthereumOutcome & {
  cumulativeGasUsed: bigint
  /** Root of the state after the transaction; before Byzantium alone. */
  stateRoot: Hex | undefined
}

export function encodeEthereumReceipt(receipt: EthereumReceipt): Uint8Array {
  const { type, succeeded, cumulativeGasUsed, logs, stateRoot } = receipt
  const body = encodeRlp([
    stateRoot === undefined ? uintToBytes(succeeded ? 1n : 0n) : hexToBytes(stateRoot),
    uintToBytes(cumulativeGasUsed),
    logsBloom(logs),
    logs.map(logItem),
  ])
  return type === 0 ? body : concatBytes(Uint8Array.of(type), body)
}

export function ethereumReceiptsRoot(receipts: EthereumReceipt[]): Hex {
  return orderedTrieRoot(receipts.map(encodeEthereumReceipt))
}
