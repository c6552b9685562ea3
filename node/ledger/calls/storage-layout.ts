/**
 * Where values lie in a native account's storage: Solidity's rules ("Layout of State Variables in
 * Storage"), so that tools that read Solidity storage read ours.
 *
 *     variable n of a contract          slot n
 *     mapping at slot p, key k          slot keccak(k as 32 bytes ‖ p)
 *     record                            fields packed into consecutive slots from the low bits up; a field
 *                                       that does not fit opens the next slot
 *     string, bytes of ≤ 31 bytes       left-aligned in the slot, lowest byte = 2·length
 *     string, bytes of more             slot = 2·length + 1; the bytes from slot keccak(p) on
 *     array at slot p                   slot = length; element i from slot keccak(p) + i·(slots of one) on
 */
import type { Hex } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import { wordHex } from '../../execution/bytes.ts'
import { readWord, writeWord } from '../../execution/evm/word.ts'
import type { CallContext, Place } from './context.ts'

/** The place of variable `slot` of a contract. */
export function variable(account: Address, slot: number): Place {
  return { account, slot: BigInt(slot) }
}

/** `place` moved by `slots`. */
export function slotAfter(place: Place, slots: bigint): Place {
  if (slots === 0n) return place
  return { account: place.account, slot: BigInt.asUintN(256, place.slot + slots) }
}

/** The place of `key` in the mapping at `place`. A key is a number or a hexadecimal value of at most 32 bytes. */
export function at(context: CallContext, place: Place, key: bigint | Hex): Place {
  return context.derived(place, key, () => {
    const preimage = new Uint8Array(64)
    const view = new DataView(preimage.buffer)
    writeWord(view, 0, BigInt(key))
    writeWord(view, 32, place.slot)
    return { account: place.account, slot: fromBytes(keccak256(preimage)) }
  })
}

/** Where the elements of an array, or the bytes of a long string, begin. */
function elements(context: CallContext, place: Place): Place {
  return { account: place.account, slot: fromBytes(context.keccak(toWord(place.slot))) }
}

type FieldType = 'address' | 'bytes32' | 'bool' | `uint${number}`
type Fields = Readonly<Record<string, FieldType>>
type ValueOf<type extends FieldType> = type extends 'address'
  ? Address
  : type extends 'bytes32'
    ? Hex
    : type extends 'bool'
      ? boolean
      : bigint
export type RecordOf<layout> =
  layout extends RecordLayout<infer fields> ? { -readonly [name in keyof fields]: ValueOf<fields[name]> } : never

type FieldPlace = { type: FieldType; word: number; shift: bigint; bits: bigint }
/** A record's fields and where each lies. */
export type RecordLayout<fields extends Fields> = {
  fields: fields
  places: ReadonlyMap<string, FieldPlace>
  words: number
}

/** Packs fields in their order. Layouts only ever grow at their end. */
export function recordLayout<const fields extends Fields>(fields: fields): RecordLayout<fields> {
  const places = new Map<string, FieldPlace>()
  let word = 0
  let used = 0n
  for (const [name, type] of Object.entries(fields)) {
    const bits = bitsOf(type)
    if (used + bits > 256n) {
      word += 1
      used = 0n
    }
    places.set(name, { type, word, shift: used, bits })
    used += bits
  }
  return { fields, places, words: word + 1 }
}

/** Reads the named fields of the record at `place`, each of their slots once; all fields where none is named. */
export function readRecord<fields extends Fields, name extends keyof fields & string = keyof fields & string>(
  context: CallContext,
  place: Place,
  layout: RecordLayout<fields>,
  names: readonly name[] = [...layout.places.keys()] as name[],
): { -readonly [key in name]: ValueOf<fields[key]> } {
  const words: bigint[] = []
  const record: Record<string, unknown> = {}
  for (const name of names) {
    const field = layout.places.get(name)!
    words[field.word] ??= context.read(slotAfter(place, BigInt(field.word)))
    const word = words[field.word]!
    record[name] = decodeField(field, BigInt.asUintN(Number(field.bits), word >> field.shift))
  }
  return record as { -readonly [key in name]: ValueOf<fields[key]> }
}

/** Writes the given fields of the record at `place`; fields that share their slots keep their values. */
export function writeRecord<fields extends Fields>(
  context: CallContext,
  place: Place,
  layout: RecordLayout<fields>,
  changes: { readonly [name in keyof fields]?: ValueOf<fields[name]> },
): void {
  const words = new Map<number, bigint>()
  for (const [name, field] of layout.places) {
    const value: unknown = changes[name]
    if (value === undefined) continue
    const word = words.get(field.word) ?? context.read(slotAfter(place, BigInt(field.word)))
    const bits = encodeField(name, field, value)
    const mask = ((1n << field.bits) - 1n) << field.shift
    words.set(field.word, (word & ~mask) | (bits << field.shift))
  }
  for (const [word, value] of words) context.write(slotAfter(place, BigInt(word)), value)
}

/** Sets every slot of the record at `place` to zero. */
export function clearRecord<fields extends Fields>(
  context: CallContext,
  place: Place,
  layout: RecordLayout<fields>,
): void {
  for (let word = 0; word < layout.words; word++) context.write(slotAfter(place, BigInt(word)), 0n)
}

/** Writes bytes by Solidity's rule; `place` must never have been written ({@link replaceBytes} where it has). */
export function writeBytes(context: CallContext, place: Place, bytes: Uint8Array): void {
  if (bytes.length < 32) {
    const word = new Uint8Array(32)
    word.set(bytes)
    word[31] = 2 * bytes.length
    context.write(place, fromBytes(word))
    return
  }
  context.write(place, BigInt(2 * bytes.length + 1))
  const start = elements(context, place)
  for (let offset = 0; offset < bytes.length; offset += 32) {
    const word = new Uint8Array(32)
    word.set(bytes.subarray(offset, offset + 32))
    context.write(slotAfter(start, BigInt(offset / 32)), fromBytes(word))
  }
}

/** Writes bytes in place of others. What the new ones do not reach is cleared. */
export function replaceBytes(context: CallContext, place: Place, bytes: Uint8Array): void {
  const head = context.read(place)
  const wordsOf = (length: number) => (length < 32 ? 0 : Math.ceil(length / 32))
  const before = (head & 1n) === 0n ? 0 : wordsOf(Number(head / 2n))
  writeBytes(context, place, bytes)
  const after = wordsOf(bytes.length)
  if (after >= before) return
  const start = elements(context, place)
  for (let word = after; word < before; word++) context.write(slotAfter(start, BigInt(word)), 0n)
}

export function readBytes(context: CallContext, place: Place): Uint8Array {
  const head = context.read(place)
  if ((head & 1n) === 0n) return toWord(head).subarray(0, Number((head & 0xffn) / 2n))
  const bytes = new Uint8Array(Number(head / 2n))
  const start = elements(context, place)
  for (let offset = 0; offset < bytes.length; offset += 32) {
    const word = toWord(context.read(slotAfter(start, BigInt(offset / 32))))
    bytes.set(word.subarray(0, bytes.length - offset), offset)
  }
  return bytes
}

export function writeString(context: CallContext, place: Place, text: string): void {
  writeBytes(context, place, new TextEncoder().encode(text))
}

export function readString(context: CallContext, place: Place): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(readBytes(context, place))
}

/** Writes an array of records where none was, or one that is no longer. */
export function writeRecords<fields extends Fields>(
  context: CallContext,
  place: Place,
  layout: RecordLayout<fields>,
  records: readonly { readonly [name in keyof fields]: ValueOf<fields[name]> }[],
): void {
  context.write(place, BigInt(records.length))
  const start = elements(context, place)
  for (const [i, record] of records.entries()) {
    writeRecord(context, slotAfter(start, BigInt(i * layout.words)), layout, record)
  }
}

/** Writes an array of records in place of another. What the new one does not reach is cleared. */
export function replaceRecords<fields extends Fields>(
  context: CallContext,
  place: Place,
  layout: RecordLayout<fields>,
  records: readonly { readonly [name in keyof fields]: ValueOf<fields[name]> }[],
): void {
  const before = Number(context.read(place))
  writeRecords(context, place, layout, records)
  const start = elements(context, place)
  for (let i = records.length; i < before; i++) clearRecord(context, slotAfter(start, BigInt(i * layout.words)), layout)
}

/** Adds one record at the end of an array. */
export function appendRecord<fields extends Fields>(
  context: CallContext,
  place: Place,
  layout: RecordLayout<fields>,
  record: { readonly [name in keyof fields]: ValueOf<fields[name]> },
): void {
  const length = context.read(place)
  context.write(place, length + 1n)
  writeRecord(context, slotAfter(elements(context, place), length * BigInt(layout.words)), layout, record)
}

export function readRecords<fields extends Fields>(
  context: CallContext,
  place: Place,
  layout: RecordLayout<fields>,
): { -readonly [name in keyof fields & string]: ValueOf<fields[name]> }[] {
  const length = Number(context.read(place))
  const start = elements(context, place)
  return Array.from({ length }, (_, i) => readRecord(context, slotAfter(start, BigInt(i * layout.words)), layout))
}

function bitsOf(type: FieldType): bigint {
  if (type === 'address') return 160n
  if (type === 'bytes32') return 256n
  if (type === 'bool') return 8n
  return BigInt(type.slice('uint'.length))
}

function decodeField(field: FieldPlace, bits: bigint): unknown {
  if (field.type === 'bool') return bits !== 0n
  if (field.type === 'address') return `0x${bits.toString(16).padStart(40, '0')}`
  if (field.type === 'bytes32') return wordHex(bits)
  return bits
}

function encodeField(name: string, field: FieldPlace, value: unknown): bigint {
  const bits = BigInt(value as bigint | boolean | Hex)
  if (bits < 0n || bits >> field.bits !== 0n) throw new RangeError(`${name}: ${bits} does not fit ${field.type}`)
  return bits
}

/** 32 bytes, big endian. */
export function toWord(value: bigint): Uint8Array {
  const word = new Uint8Array(32)
  writeWord(new DataView(word.buffer), 0, value)
  return word
}

/** The word in 32 bytes. */
function fromBytes(bytes: Uint8Array): bigint {
  return readWord(new DataView(bytes.buffer, bytes.byteOffset), 0)
}
