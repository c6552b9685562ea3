/** A frame's memory: zeros until written, grown by whole words, paid for by {@link reach} (Yellow Paper, appendix H, C_mem). */
import { spendWords } from '../work-meter.ts'
import { charge, type Frame } from './frame.ts'
import { OUT_OF_GAS } from './halt.ts'
import { readWord, writeWord } from './word.ts'

/** Beyond it every gas limit ends; below it the costs are exact as numbers. */
const MOST_BYTES = 2n ** 31n
const FIRST_BYTES = 1024

export class Memory {
  /** Paid for, a multiple of 32. */
  size = 0
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES)
  #view = new DataView(this.bytes.buffer)

  /** Makes room for so many bytes. */
  grow(size: number): void {
    this.size = size
    if (size <= this.bytes.length) return
    const bytes = new Uint8Array(Math.max(size, 2 * this.bytes.length))
    bytes.set(this.bytes)
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }

  word(offset: number): bigint {
    return readWord(this.#view, offset)
  }

  setWord(offset: number, word: bigint): void {
    writeWord(this.#view, offset, word)
  }

  /** A copy. */
  slice(offset: number, size: number): Uint8Array {
    return this.bytes.slice(offset, offset + size)
  }

  /** Writes `size` bytes of the source from an offset on; beyond its end there are zeros. */
  copyIn(at: number, source: Uint8Array, from: bigint, size: number): void {
    if (size === 0) return
    const start = from > BigInt(source.length) ? source.length : Number(from)
    const end = Math.min(start + size, source.length)
    this.bytes.set(source.subarray(start, end), at)
    this.bytes.fill(0, at + end - start, at + size)
  }
}

function cost(bytes: number): number {
  const words = bytes / 32
  return 3 * words + Math.floor((words * words) / 512)
}

/** Pays for memory up to offset + size and makes it; the offset as a number. Nothing is reached by a size of 0. */
export function reach(frame: Frame, offset: bigint, size: bigint): number {
  if (size === 0n) return 0
  const end = offset + size
  if (end > MOST_BYTES) throw OUT_OF_GAS
  const { memory } = frame
  const needed = Math.ceil(Number(end) / 32) * 32
  if (needed > memory.size) {
    charge(frame, cost(needed) - cost(memory.size))
    memory.grow(needed)
  }
  return Number(offset)
}

/** So much for every 32 bytes begun. */
export function chargeWords(frame: Frame, perWord: number, size: bigint): void {
  if (size > MOST_BYTES) throw OUT_OF_GAS
  const words = Math.ceil(Number(size) / 32)
  charge(frame, perWord * words)
  spendWords(frame.machine.parameters.meter, words)
}
