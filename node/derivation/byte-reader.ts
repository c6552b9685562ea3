/**
 * Reading bytes field by field, never past their end: fixed lengths, protobuf's base-128 varints, and the bit lists of
 * span batches (specs.optimism.io, "Span Batches").
 *
 *   bit list of n bits = ⌈n/8⌉ bytes, one big-endian integer; bit i of the list is bit i of the integer, unused ones are 0
 */
import { MalformedError } from './malformed.ts'

const U64_BYTES = 10

export class ByteReader {
  readonly bytes: Uint8Array
  /** Index of the next byte. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  /** The next `length` bytes, as a view. */
  take(length: number, what: string): Uint8Array {
    if (length > this.left) throw new MalformedError(`${what} needs ${length} bytes, ${this.left} are left`)
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  /** An unsigned integer of at most 64 bits, seven bits a byte, the lowest first; longer forms than needed are allowed. */
  uvarint(what: string): bigint {
    let low = 0
    for (let index = 0; index < U64_BYTES; index++) {
      const byte = this.bytes[this.at + index]
      if (byte === undefined) throw new MalformedError(`${what} is cut off`)
      // Up to 49 bits are exact in a number.
      if (index === 7) return this.#longUvarint(what)
      low += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) {
        this.at += index + 1
        return BigInt(low)
      }
    }
    throw new MalformedError(`${what} is longer than ${U64_BYTES} bytes`)
  }

  /** So many uvarints, as high and low 32 bits of each. */
  uvarints(count: number, what: string): Uint32Array {
    const words = new Uint32Array(2 * count)
    for (let index = 0; index < count; index++) {
      const first = this.bytes[this.at]
      if (first !== undefined && first < 0x80) {
        words[2 * index + 1] = first
        this.at++
        continue
      }
      const value = this.uvarint(what)
      words[2 * index] = Number(value >> 32n)
      words[2 * index + 1] = Number(value & 0xffff_ffffn)
    }
    return words
  }

  #longUvarint(what: string): bigint {
    let value = 0n
    for (let index = 0; index < U64_BYTES; index++) {
      const byte = this.bytes[this.at + index]
      if (byte === undefined) throw new MalformedError(`${what} is cut off`)
      value |= BigInt(byte & 0x7f) << BigInt(7 * index)
      if (byte >= 0x80) continue
      if (value >> 64n !== 0n) break
      this.at += index + 1
      return value
    }
    throw new MalformedError(`${what} is over 64 bits`)
  }

  /** A uvarint that counts something, at most `most`. */
  count(what: string, most: number): number {
    const first = this.bytes[this.at]
    if (first !== undefined && first < 0x80 && first <= most) {
      this.at++
      return first
    }
    const value = this.uvarint(what)
    if (value > BigInt(most)) throw new MalformedError(`${what} is ${value}, above ${most}`)
    return Number(value)
  }

  /** A list of `count` bits, for {@link bitAt}. */
  bits(count: number, what: string): Uint8Array {
    const bytes = this.take(Math.ceil(count / 8), what)
    if (count % 8 !== 0 && bytes[0]! >> (count % 8) !== 0) throw new MalformedError(`${what} has bits beyond ${count}`)
    return bytes
  }
}

export function bitAt(bits: Uint8Array, index: number): boolean {
  return ((bits[bits.length - 1 - (index >> 3)]! >> (index & 7)) & 1) === 1
}

export function encodeBits(flags: boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8))
  for (const [index, flag] of flags.entries()) if (flag) bytes[bytes.length - 1 - (index >> 3)]! |= 1 << (index & 7)
  return bytes
}

/** Shortest form. */
export function encodeUvarint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
