/**
 * Snappy's block format (google/snappy, format_description.txt). Packing is snappyjs's; unpacking is ours, because
 * that package takes a block that ends early for one that ends in zeros.
 *
 *     block   = unpacked length varint ‖ elements
 *     element = tag u8 …, by its two lowest bits:
 *       0  literal: length − 1 in the upper six bits, or (60 … 63) in 1 … 4 bytes little endian ‖ the bytes
 *       1  copy: length − 4 in bits 2 … 4, offset in bits 5 … 7 (high) and one byte
 *       2  copy: length − 1 in the upper six bits, offset u16 little endian
 *       3  copy: length − 1 in the upper six bits, offset u32 little endian
 */
import { compress } from 'snappyjs'

/** Largest unpacked message (op-node: maxGossipSize, 10 MiB). */
export const MAX_MESSAGE_SIZE = 10 * 2 ** 20

/** The bytes cannot be unpacked, or would be too large. */
export class CompressionError extends Error {
  override name = 'CompressionError'
}

export function pack(bytes: Uint8Array): Uint8Array {
  return compress(bytes)
}

/**
 * Unpacks at most {@link MAX_MESSAGE_SIZE} bytes; a block that says it is larger is refused before memory is taken.
 * Throws {@link CompressionError} on anything but a whole block.
 */
export function unpack(block: Uint8Array): Uint8Array {
  const input = new Elements(block)
  const size = input.varint()
  if (size > MAX_MESSAGE_SIZE) throw new CompressionError(`snappy: ${size} bytes unpacked, at most ${MAX_MESSAGE_SIZE}`)
  const output = new Uint8Array(size)
  let at = 0
  while (!input.done()) {
    const tag = input.uint(1)
    const isLiteral = (tag & 3) === 0
    const length = isLiteral ? literalLength(tag, input) : copyLength(tag)
    if (at + length > size) throw new CompressionError(`snappy: more than the ${size} bytes that it says`)
    if (isLiteral) output.set(input.bytes(length), at)
    else copyBack(output, at, copyOffset(tag, input), length)
    at += length
  }
  if (at !== size) throw new CompressionError(`snappy: ends after ${at} of ${size} bytes`)
  return output
}

function literalLength(tag: number, input: Elements): number {
  const short = tag >>> 2
  return (short < 60 ? short : input.uint(short - 59)) + 1
}

function copyLength(tag: number): number {
  return (tag & 3) === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
}

function copyOffset(tag: number, input: Elements): number {
  if ((tag & 3) === 1) return ((tag >>> 5) << 8) | input.uint(1)
  return input.uint((tag & 3) === 2 ? 2 : 4)
}

/** Copies `length` bytes from `offset` before `at`; where the two overlap, what is copied repeats. */
function copyBack(output: Uint8Array, at: number, offset: number, length: number): void {
  if (offset === 0 || offset > at) throw new CompressionError(`snappy: copies from ${offset} before byte ${at}`)
  if (offset >= length) {
    output.copyWithin(at, at - offset, at - offset + length)
    return
  }
  for (let i = at; i < at + length; i++) output[i] = output[i - offset]!
}

/** A cursor over a block that refuses to pass its end. */
class Elements {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  done(): boolean {
    return this.#at === this.#bytes.length
  }

  bytes(size: number): Uint8Array {
    if (size > this.#bytes.length - this.#at) throw new CompressionError('snappy: ends early')
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }

  /** Little endian, of 1 … 4 bytes. */
  uint(size: number): number {
    return this.bytes(size).reduceRight((value, byte) => value * 256 + byte, 0)
  }

  /** At most 32 bits. */
  varint(): number {
    let value = 0
    for (let i = 0; i < 5; i++) {
      const byte = this.uint(1)
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) {
        if (value >= 2 ** 32) break
        return value
      }
    }
    throw new CompressionError('snappy: the length is no 32-bit number')
  }
}
