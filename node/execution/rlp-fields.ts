/** Typed fields out of RLP lists. Every error names the structure, the field and what it must be. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { bytesToAddress, bytesToHex, bytesToUint } from './bytes.ts'
import { decodeRlp, RlpError, type RlpItem } from './rlp.ts'

export const U64_MAX = (1n << 64n) - 1n
export const U256_MAX = (1n << 256n) - 1n

/** Makes the error that a reader throws: (field, reason). */
export type FieldFault = (field: string, reason: string) => Error

/** Reads the fields of one RLP list in order. */
export class FieldReader {
  #next = 0
  readonly #items: RlpItem[]
  readonly #fault: FieldFault

  constructor(items: RlpItem[], fault: FieldFault) {
    this.#items = items
    this.#fault = fault
  }

  /** The list that the bytes are. */
  static decodeList(bytes: Uint8Array, name: string, fault: FieldFault): RlpItem[] {
    try {
      const item = decodeRlp(bytes)
      if (Array.isArray(item)) return item
    } catch (error) {
      if (error instanceof RlpError) throw fault(name, `not canonical RLP: ${error.message}`)
      throw error
    }
    throw fault(name, 'must be a list')
  }

  /** The fields of the list that the bytes are, which must have one of the given numbers of them. */
  static decode(bytes: Uint8Array, name: string, counts: number[], fault: FieldFault): FieldReader {
    return FieldReader.of(FieldReader.decodeList(bytes, name, fault), name, counts, fault)
  }

  static of(item: RlpItem, name: string, counts: number[], fault: FieldFault): FieldReader {
    if (!Array.isArray(item)) throw fault(name, 'must be a list')
    if (!counts.includes(item.length)) throw fault(name, `must have ${counts.join(' or ')} fields, got ${item.length}`)
    return new FieldReader(item, fault)
  }

  get left(): number {
    return this.#items.length - this.#next
  }

  item(field: string): RlpItem {
    const item = this.#items[this.#next++]
    if (item === undefined) throw this.#fault(field, 'is missing')
    return item
  }

  bytes(field: string, length?: number): Uint8Array {
    const item = this.item(field)
    if (Array.isArray(item)) throw this.#fault(field, 'must be a string of bytes, got a list')
    if (length !== undefined && item.length !== length)
      throw this.#fault(field, `must be ${length} bytes, got ${item.length}`)
    return item
  }

  list(field: string): RlpItem[] {
    const item = this.item(field)
    if (!Array.isArray(item)) throw this.#fault(field, 'must be a list')
    return item
  }

  /** An integer without leading zeros, at most `max`. */
  uint(field: string, max: bigint): bigint {
    const bytes = this.bytes(field)
    if (bytes[0] === 0) throw this.#fault(field, 'must be an integer without leading zeros')
    // Refused before it is converted: the conversion costs as the length.
    if (bytes.length > 32) throw this.#fault(field, `must be at most 0x${max.toString(16)}, got ${bytes.length} bytes`)
    const value = bytesToUint(bytes)
    if (value > max) throw this.#fault(field, `must be at most 0x${max.toString(16)}, got 0x${value.toString(16)}`)
    return value
  }

  u64(field: string): bigint {
    return this.uint(field, U64_MAX)
  }

  u256(field: string): bigint {
    return this.uint(field, U256_MAX)
  }

  hash(field: string): Hex {
    return bytesToHex(this.bytes(field, 32))
  }

  address(field: string): Address {
    return bytesToAddress(this.bytes(field, 20))
  }

  /** No bytes mean "creates a contract". */
  recipient(field: string): Address | undefined {
    const bytes = this.bytes(field)
    if (bytes.length !== 0 && bytes.length !== 20)
      throw this.#fault(field, `must be empty or 20 bytes, got ${bytes.length}`)
    return bytes.length === 0 ? undefined : bytesToAddress(bytes)
  }
}
