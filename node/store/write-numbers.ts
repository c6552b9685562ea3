/**
 * Finding out that a write is lost in the middle. LevelDB drops what is broken in its log and goes on with what comes after;
 * after a power cut that may leave a later write without an earlier one, which no reader would notice. So every write
 * carries its number, the last 1024 of them in a ring: table `writes`,
 *
 *   number mod 1024, u16 -> number u64
 *
 * and on opening there must be one number after another up to the last. That the last ones are missing is no damage:
 * they were never on the disk, with all that they held.
 */
import { keyNumber, numberKey } from './key.ts'
import type { StoreOperation } from './store.ts'
import { TABLES } from './tables.ts'

const RING = 1024n

export function writeNumberOperation(number: bigint): StoreOperation {
  const slot = Number(number % RING)
  return { type: 'put', table: TABLES.writes, key: Uint8Array.of(slot >> 8, slot & 255), value: numberKey(number) }
}

/** From the ring's values: the last write's number (0 for none), and the last one that is missing before it. */
export function lastWrite(ring: Uint8Array[]): { last: bigint; missing: bigint | undefined } {
  const numbers = new Set(ring.map(keyNumber))
  let last = 0n
  for (const number of numbers) if (number > last) last = number
  for (let number = last; number > 0n && number > last - RING; number--) {
    if (!numbers.has(number)) return { last, missing: number }
  }
  return { last, missing: undefined }
}
