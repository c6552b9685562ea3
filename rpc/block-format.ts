/** Blocks as geth prints them. */

import type { HashedBlock, Receipt } from '../node/execution/block.ts'
import { encodeBlock } from '../node/execution/block-codec.ts'
import { EMPTY_OMMERS_HASH } from '../node/execution/header.ts'
import type { Transaction } from '../node/execution/transaction.ts'
import { type Json, quantity } from './json.ts'
import { formatMinedTransaction } from './transaction-format.ts'

/** `transactions` are those of the block; `full` prints them whole, else their hashes. */
export function formatBlock(
  hashed: HashedBlock,
  transactions: Transaction[],
  full: { receipts: Receipt[] } | undefined,
): Json {
  const { hash, block } = hashed
  return {
    ...formatHeader(hashed),
    hash,
    size: quantity(encodeBlock(block).length),
    uncles: [],
    withdrawals: [],
    transactions: full
      ? transactions.map((transaction, index) =>
          formatMinedTransaction(transaction, hashed, index, full.receipts[index]),
        )
      : transactions.map((transaction) => transaction.hash),
  }
}

function formatHeader({ block: { header } }: HashedBlock): { [key: string]: Json } {
  return {
    number: quantity(header.number),
    parentHash: header.parentHash,
    nonce: '0x0000000000000000',
    mixHash: header.mixHash,
    sha3Uncles: EMPTY_OMMERS_HASH,
    logsBloom: header.logsBloom,
    stateRoot: header.stateRoot,
    miner: header.beneficiary,
    difficulty: '0x0',
    extraData: header.extraData,
    gasLimit: quantity(header.gasLimit),
    gasUsed: quantity(header.gasUsed),
    timestamp: quantity(header.timestamp),
    transactionsRoot: header.transactionsRoot,
    receiptsRoot: header.receiptsRoot,
    baseFeePerGas: quantity(header.baseFeePerGas),
    withdrawalsRoot: header.withdrawalsRoot,
    blobGasUsed: quantity(header.blobGasUsed),
    excessBlobGas: quantity(header.excessBlobGas),
    parentBeaconBlockRoot: header.parentBeaconBlockRoot,
    requestsHash: header.requestsHash,
  }
}
