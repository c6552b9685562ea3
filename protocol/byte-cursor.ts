/**
 * Reading and writing packed big-endian records: the one way in which the protocol's codecs lay out
 * numbers. Writers refuse values that do not fit; readers refuse records that end early or late.
 */
import type { Hex } from 'viem'
import { fromHex, toHex } from './hex.ts'

export class ByteWriter {
  readonly #parts: Uint8Array[] = []

  /** Unsigned integer of `size` bytes. Throws RangeError where it does not fit. */
  uint(value: bigint | number, size: number): this {
    const whole = BigInt(value)
    if (whole < 0n || whole >> BigInt(8 * size) !== 0n)
      throw new RangeError(`${value} does not fit in ${8 * size} bits`)
    const bytes = new Uint8Array(size)
    // Four bytes at a time: shifting a bigint for every byte takes most of a leaf's time.
    for (let end = size, rest = whole; end > 0; end -= 4, rest >>= 32n) {
      let low = Number(BigInt.asUintN(32, rest))
      for (let i = end - 1; i >= Math.max(0, end - 4); i--, low >>>= 8) bytes[i] = low & 0xff
    }
    return this.raw(bytes)
  }

  /** Signed integer of 4 bytes, two's complement. */
  int32(value: number): this {
    if ((value | 0) !== value) throw new RangeError(`${value} is not an int32`)
    return this.uint(value >>> 0, 4)
  }

  bool(value: boolean): this {
    return this.uint(value ? 1 : 0, 1)
  }

  /** Bytes of hexadecimal text that must have `size` bytes. */
  hex(value: Hex, size: number): this {
    return this.raw(fromHex(value, size))
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    return this
  }

  finish(): Uint8Array {
    return concatBytes(this.#parts)
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  raw(size: number): Uint8Array {
    if (this.#at + size > this.#bytes.length) {
      throw new RangeError(`record ends at byte ${this.#bytes.length}, needs ${this.#at + size}`)
    }
    this.#at += size
    return this.#bytes.slice(this.#at - size, this.#at)
  }

  /** Unsigned integer of up to 64 bits and more, as bigint. */
  uint(size: number): bigint {
    let value = 0n
    for (const byte of this.raw(size)) value = (value << 8n) | BigInt(byte)
    return value
  }

  /** Unsigned integer of at most 4 bytes, as number. */
  number(size: 1 | 2 | 4): number {
    return Number(this.uint(size))
  }

  int32(): number {
    return this.number(4) | 0
  }

  /** One byte, 0 or 1. */
  bool(): boolean {
    const byte = this.number(1)
    if (byte > 1) throw new RangeError(`a boolean is 0 or 1, got ${byte}`)
    return byte === 1
  }

  hex(size: number): Hex {
    return toHex(this.raw(size))
  }

  /** Throws RangeError where bytes are left over. */
  end(): void {
    if (this.#at !== this.#bytes.length) {
      throw new RangeError(`record has ${this.#bytes.length} bytes, expected ${this.#at}`)
    }
  }
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
