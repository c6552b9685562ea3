/**
 * Arguments out of calldata (the Solidity ABI's encoding), strictly: the bytes must be the one canonical
 * encoding of the values that they hold, so that one call has one form and every byte is read once.
 *
 *     tuple at B      heads one after another; a dynamic member's head is an offset from B to its tail
 *     tails           in the order of their heads, without a gap, the first right after the heads
 *     T[] at B        length, then its elements as a tuple
 *     bytes, string   length, the bytes, zeros up to a whole word; a string is UTF-8
 *     the end         of the last tail is the end of the calldata
 *
 * Work is in proportion to the calldata, which a decoder that follows offsets wherever they lead cannot
 * say of itself: many offsets to one long array would be many arrays for the price of one.
 */
import type { AbiParameter } from 'viem'

const WORD = 32
/** Integers of up to this many bits are numbers, as viem types them. */
const NUMBER_BITS = 48

/** Calldata that is not the canonical encoding of anything. Caught where the decoder begins, only. */
class NotCanonical extends Error {
  override name = 'NotCanonical'
}

type Bytes = { array: Uint8Array; buffer: Buffer }
/** A value and where what follows it begins. */
type Read = { value: unknown; end: number }
/** How a type is read: its head's bytes, and whether that head is an offset to where `read` begins. */
type Shape = { size: number; isDynamic: boolean; read(data: Bytes, at: number): Read }

export type ArgumentDecoder = (encoded: Uint8Array) => readonly unknown[] | undefined

/** Makes the decoder of a list of parameters: their values, or undefined where the bytes are not canonical. */
export function argumentDecoder(parameters: readonly AbiParameter[]): ArgumentDecoder {
  const shapes = parameters.map(shapeOf)
  return (encoded) => {
    const data = { array: encoded, buffer: Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length) }
    try {
      const { values, end } = readMembers(data, 0, shapes)
      return end === encoded.length ? values : undefined
    } catch (error) {
      if (error instanceof NotCanonical) return undefined
      throw error
    }
  }
}

function readMembers(data: Bytes, base: number, shapes: readonly Shape[]): { values: unknown[]; end: number } {
  let head = base
  let end = base + sizeOf(shapes)
  need(data, base, end - base)
  const values = shapes.map((shape) => {
    const at = head
    head += shape.size
    if (!shape.isDynamic) return shape.read(data, at).value
    if (readSmall(data, at) !== end - base) throw new NotCanonical()
    const member = shape.read(data, end)
    end = member.end
    return member.value
  })
  return { values, end }
}

function sizeOf(shapes: readonly Shape[]): number {
  return shapes.reduce((sum, { size }) => sum + size, 0)
}

function shapeOf(parameter: AbiParameter): Shape {
  const { type } = parameter
  const array = /^(.*)\[(\d*)\]$/.exec(type)
  if (array) return arrayShape(shapeOf({ ...parameter, type: array[1]! }), array[2]!)
  if (type === 'tuple' && 'components' in parameter) return tupleShape(parameter.components)
  if (type === 'bytes') return blobShape((bytes) => hexOf(bytes))
  if (type === 'string') return blobShape(textOf)
  return wordShape(wordReader(type))
}

function tupleShape(components: readonly AbiParameter[]): Shape {
  const shapes = components.map(shapeOf)
  const isDynamic = shapes.some((shape) => shape.isDynamic)
  return {
    size: isDynamic ? WORD : sizeOf(shapes),
    isDynamic,
    read(data, at) {
      const { values, end } = readMembers(data, at, shapes)
      return { value: Object.fromEntries(components.map(({ name }, i) => [name!, values[i]])), end }
    },
  }
}

function arrayShape(element: Shape, length: string): Shape {
  if (length !== '') {
    const elements = Array.from({ length: Number(length) }, () => element)
    const read = (data: Bytes, at: number): Read => {
      const { values, end } = readMembers(data, at, elements)
      return { value: values, end }
    }
    return { size: element.isDynamic ? WORD : sizeOf(elements), isDynamic: element.isDynamic, read }
  }
  return {
    size: WORD,
    isDynamic: true,
    read(data, at) {
      const count = readSmall(data, at)
      need(data, at + WORD, count * element.size)
      const { values, end } = readMembers(
        data,
        at + WORD,
        Array.from({ length: count }, () => element),
      )
      return { value: values, end }
    },
  }
}

function blobShape(decode: (bytes: Uint8Array) => string): Shape {
  return {
    size: WORD,
    isDynamic: true,
    read(data, at) {
      const start = at + WORD
      const stop = start + readSmall(data, at)
      const end = start + Math.ceil((stop - start) / WORD) * WORD
      need(data, start, end - start)
      zeros(data, stop, end)
      return { value: decode(data.array.subarray(start, stop)), end }
    },
  }
}

function wordShape(valueAt: (data: Bytes, at: number) => unknown): Shape {
  return { size: WORD, isDynamic: false, read: (data, at) => ({ value: valueAt(data, at), end: at + WORD }) }
}

/** How a type that fills one word is read from it. The word lies within the calldata. */
function wordReader(type: string): (data: Bytes, at: number) => unknown {
  if (type === 'bool') return (data, at) => readBelow(data, at, 2) === 1
  if (type === 'address') {
    return (data, at) => {
      zeros(data, at, at + 12)
      return hexOf(data.array.subarray(at + 12, at + WORD))
    }
  }
  const sized = /^(uint|int|bytes)(\d+)$/.exec(type)
  if (!sized) throw new RangeError(`type ${type} is not read from calldata`)
  const size = Number(sized[2])
  if (sized[1] === 'bytes') {
    return (data, at) => {
      zeros(data, at + size, at + WORD)
      return hexOf(data.array.subarray(at, at + size))
    }
  }
  const bytes = size / 8
  return sized[1] === 'uint' ? unsignedReader(bytes) : signedReader(bytes)
}

function unsignedReader(bytes: number): (data: Bytes, at: number) => number | bigint {
  return (data, at) => {
    zeros(data, at, at + WORD - bytes)
    if (bytes * 8 <= NUMBER_BITS) return data.buffer.readUIntBE(at + WORD - bytes, bytes)
    return unsigned(data, at + WORD - bytes, bytes)
  }
}

function signedReader(bytes: number): (data: Bytes, at: number) => number | bigint {
  return (data, at) => {
    const start = at + WORD - bytes
    const sign = data.array[start]! >= 0x80 ? 0xff : 0
    for (let i = at; i < start; i++) if (data.array[i] !== sign) throw new NotCanonical()
    if (bytes * 8 <= NUMBER_BITS) return data.buffer.readIntBE(start, bytes)
    return BigInt.asIntN(8 * bytes, unsigned(data, start, bytes))
  }
}

function unsigned(data: Bytes, at: number, bytes: number): bigint {
  if (bytes === 8) return data.buffer.readBigUInt64BE(at)
  return BigInt(hexOf(data.array.subarray(at, at + bytes)))
}

/** A length or an offset: anything that does not fit 32 bits points outside of every calldata. */
function readSmall(data: Bytes, at: number): number {
  return readBelow(data, at, 2 ** 32)
}

function readBelow(data: Bytes, at: number, limit: number): number {
  need(data, at, WORD)
  zeros(data, at, at + WORD - 4)
  const value = data.buffer.readUInt32BE(at + WORD - 4)
  if (value >= limit) throw new NotCanonical()
  return value
}

function need(data: Bytes, at: number, length: number): void {
  if (at + length > data.array.length) throw new NotCanonical()
}

function zeros(data: Bytes, from: number, to: number): void {
  for (let i = from; i < to; i++) if (data.array[i] !== 0) throw new NotCanonical()
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    // A fatal decoder's way to say that the bytes are not UTF-8.
    if (error instanceof TypeError) throw new NotCanonical()
    throw error
  }
}

function hexOf(bytes: Uint8Array): `0x${string}` {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}
