/**
 * Which L2 block was the safe head after each L1 block that concluded one (op-node's "safe DB"): finality and
 * resets look it up. Table `safeHeads`:
 *
 *   L1 number u64 -> L1 hash 32 | L2 number u64 | L2 hash 32
 */
import type { Hex } from 'viem'
import { toHex } from '../../protocol/hex.ts'
import { hexKey, keyNumber, numberKey } from '../store/key.ts'
import type { Store, StoreOperation } from '../store/store.ts'
import { TABLES } from '../store/tables.ts'

export type SafeHeadEntry = { l1: { number: bigint; hash: Hex }; l2: { number: bigint; hash: Hex } }

export function safeHeadOperation({ l1, l2 }: SafeHeadEntry): StoreOperation {
  const value = new Uint8Array(72)
  value.set(hexKey(l1.hash))
  value.set(numberKey(l2.number), 32)
  value.set(hexKey(l2.hash), 40)
  return { type: 'put', table: TABLES.safeHeads, key: numberKey(l1.number), value }
}

/** The newest entries at or below an L1 number, newest first. */
export async function* safeHeadsUpTo(store: Store, l1Number: bigint): AsyncGenerator<SafeHeadEntry> {
  for await (const [key, value] of store.range(TABLES.safeHeads, { lt: numberKey(l1Number + 1n), reverse: true })) {
    yield {
      l1: { number: keyNumber(key), hash: toHex(value.subarray(0, 32)) },
      l2: { number: keyNumber(value.subarray(32, 40)), hash: toHex(value.subarray(40, 72)) },
    }
  }
}

/** Removes all entries whose L2 block lies above a number: they speak of blocks that are safe no more. */
export async function safeHeadRemovals(store: Store, l2Number: bigint): Promise<StoreOperation[]> {
  const removals: StoreOperation[] = []
  for await (const [key, value] of store.range(TABLES.safeHeads, { reverse: true })) {
    if (keyNumber(value.subarray(32, 40)) <= l2Number) break
    removals.push({ type: 'del', table: TABLES.safeHeads, key })
  }
  return removals
}
