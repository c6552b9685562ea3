/** Logs as geth prints them. */
import type { HashedBlock, Log, Receipt } from '../node/execution/block.ts'
import { bytesToHex } from '../node/execution/bytes.ts'
import { type Json, quantity } from './json.ts'

/** A log with its place in the chain. */
export type PlacedLog = {
  log: Log
  block: HashedBlock
  transactionHash: Receipt['transactionHash']
  transactionIndex: number
  /** Position among all logs of the block. */
  logIndex: number
}

/** All logs of a block, in order. */
export function placedLogs(block: HashedBlock, receipts: Receipt[]): PlacedLog[] {
  const placed: PlacedLog[] = []
  for (const [transactionIndex, { transactionHash, logs }] of receipts.entries()) {
    for (const log of logs) placed.push({ log, block, transactionHash, transactionIndex, logIndex: placed.length })
  }
  return placed
}

export function formatLog({ log, block, transactionHash, transactionIndex, logIndex }: PlacedLog): Json {
  const { number, timestamp } = block.block.header
  return {
    address: log.address,
    topics: log.topics,
    data: bytesToHex(log.data),
    blockNumber: quantity(number),
    transactionHash,
    transactionIndex: quantity(transactionIndex),
    blockHash: block.hash,
    blockTimestamp: quantity(timestamp),
    logIndex: quantity(logIndex),
    removed: false,
  }
}
