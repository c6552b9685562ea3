/** The 2048-bit logs bloom (yellow paper, 4.3.1): three bits for each address and topic. */
import type { Hex } from 'viem'
import { keccak256 } from '../../protocol/keccak.ts'
import type { Log } from './block.ts'
import { hexToBytes } from './bytes.ts'

export const BLOOM_BYTES = 256

function addEntry(bloom: Uint8Array, entry: Hex): void {
  const hash = keccak256(hexToBytes(entry))
  for (let i = 0; i < 6; i += 2) {
    const bit = ((hash[i]! << 8) | hash[i + 1]!) & 2047
    const at = BLOOM_BYTES - 1 - (bit >> 3)
    bloom[at] = bloom[at]! | (1 << (bit & 7))
  }
}

/** Adds the logs to the bloom, in place. */
export function addToBloom(bloom: Uint8Array, logs: Log[]): void {
  // The logs of one transaction say the same addresses and topics again and again: each is hashed once.
  const entries = new Set<Hex>()
  for (const log of logs) {
    entries.add(log.address)
    for (const topic of log.topics) entries.add(topic)
  }
  for (const entry of entries) addEntry(bloom, entry)
}

export function logsBloom(logs: Log[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES)
  addToBloom(bloom, logs)
  return bloom
}

/** Whether a bloom may hold an address or a topic; false is certain. */
export function bloomMayHold(bloom: Uint8Array, entry: Hex): boolean {
  const own = new Uint8Array(BLOOM_BYTES)
  addEntry(own, entry)
  return own.every((byte, at) => (byte & bloom[at]!) === byte)
}
