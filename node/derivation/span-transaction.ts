/**
 * A transaction's variable part in a span batch (specs.optimism.io, "Span Batches", tx_datas; type 4: Isthmus), and the
 * envelope that it becomes with the parts that stand in columns of their own (nonce, gas, to, signature):
 *
 *   legacy      rlp[value, gasPrice, data]
 *   0x01 ‖      rlp[value, gasPrice, data, accessList]
 *   0x02 ‖      rlp[value, tip, maxFee, data, accessList]
 *   0x04 ‖      rlp[value, tip, maxFee, data, accessList, authorizationList]
 *
 * Fields are copied with their RLP headers as they are: nothing is decoded but to check its form. Numbers of types 0 to 2
 * may have any length here, as in op-node; a transaction that is too large a number is for execution to refuse.
 */
import { RlpError, type RlpHeader, readRlpHeader } from '../execution/rlp.ts'
import { MalformedError } from './malformed.ts'

export type SpanType = 0 | 1 | 2 | 4

type Check = (bytes: Uint8Array, header: RlpHeader) => boolean

const string: Check = (_, header) => !header.isList
const uint =
  (size: number): Check =>
  (bytes, { isList, start, end }) =>
    !isList && end - start <= size && (start === end || bytes[start] !== 0)
const fixed =
  (size: number): Check =>
  (_, { isList, start, end }) =>
    !isList && end - start === size
const listOf =
  (check: Check): Check =>
  (bytes, { isList, start, end }) => {
    if (!isList) return false
    for (let at = start; at < end; ) {
      const item = readRlpHeader(bytes, at, end)
      if (!check(bytes, item)) return false
      at = item.end
    }
    return true
  }
const tuple =
  (...checks: Check[]): Check =>
  (bytes, { isList, start, end }) => {
    if (!isList) return false
    let at = start
    for (const check of checks) {
      const item = readRlpHeader(bytes, at, end)
      if (!check(bytes, item)) return false
      at = item.end
    }
    return at === end
  }

const number = uint(Number.POSITIVE_INFINITY)
const u256 = uint(32)
const accessList = listOf(tuple(fixed(20), listOf(fixed(32))))
const authorizations = listOf(tuple(u256, fixed(20), uint(8), uint(1), u256, u256))

const FIELDS: Record<SpanType, Check> = {
  0: tuple(number, number, string),
  1: tuple(number, number, string, accessList),
  2: tuple(number, number, number, string, accessList),
  4: tuple(u256, u256, u256, string, accessList, authorizations),
}

/** Type of the transaction whose part begins at `start`, and where the part ends. Throws {@link MalformedError}. */
export function readSpanTransaction(bytes: Uint8Array, start: number): { type: SpanType; end: number } {
  const first = bytes[start]
  if (first === undefined) throw new MalformedError('a transaction of the span is missing')
  const type = first > 0x7f ? 0 : first
  if (first === 0 || !isSpanType(type)) throw new MalformedError(`a transaction of the span has type ${first}`)
  try {
    const list = readRlpHeader(bytes, type === 0 ? start : start + 1, bytes.length)
    if (FIELDS[type](bytes, list)) return { type, end: list.end }
  } catch (error) {
    if (!(error instanceof RlpError)) throw error
    throw new MalformedError(`a transaction of the span is not canonical RLP: ${error.message}`)
  }
  throw new MalformedError(`a transaction of the span has not the fields of type ${type}`)
}

export function isSpanType(type: number): type is SpanType {
  return type === 0 || type === 1 || type === 2 || type === 4
}

/** What stands in columns of its own. */
export type SpanColumns = {
  nonce: bigint
  gas: bigint
  to: Uint8Array | undefined
  yParity: boolean
  /** 32 bytes each. */
  r: Uint8Array
  s: Uint8Array
  /** EIP-155; of legacy transactions alone. */
  isProtected: boolean
}

/** Each item of the list with its header. */
function itemsOf(bytes: Uint8Array, at: number, end: number): Uint8Array[] {
  const list = readRlpHeader(bytes, at, end)
  const items: Uint8Array[] = []
  for (let next = list.start; next < list.end; ) {
    const item = readRlpHeader(bytes, next, list.end)
    items.push(bytes.subarray(next, item.end))
    next = item.end
  }
  return items
}

/** Bytes that the columns can add to a part, with all headers. */
const COLUMNS_ROOM = 160
/** Bytes before the fields: the type, and the longest list header. */
const HEADER_ROOM = 6

/** The envelope of a part that {@link readSpanTransaction} has accepted; written in place, since derivation makes millions. */
export function joinTransaction(part: Uint8Array, columns: SpanColumns, chainId: bigint): Uint8Array {
  const type = part[0]! > 0x7f ? 0 : (part[0]! as SpanType)
  const starts = itemStarts(part, type === 0 ? 0 : 1)
  const fees = type < 2 ? 1 : 2
  const parity = columns.yParity ? 1n : 0n
  const v = type > 0 ? parity : columns.isProtected ? chainId * 2n + 35n + parity : 27n + parity
  const out = Buffer.allocUnsafe(part.length + COLUMNS_ROOM)
  let at = HEADER_ROOM
  if (type !== 0) at = putInteger(out, at, chainId)
  at = putInteger(out, at, columns.nonce)
  at = putBytes(out, at, part, starts[1]!, starts[1 + fees]!)
  at = putInteger(out, at, columns.gas)
  at = putRecipient(out, at, columns.to)
  at = putBytes(out, at, part, starts[0]!, starts[1]!)
  at = putBytes(out, at, part, starts[1 + fees]!, part.length)
  at = putInteger(out, at, v)
  at = putWord(out, at, columns.r)
  at = putWord(out, at, columns.s)
  const header = listHeader(type, at - HEADER_ROOM)
  const start = HEADER_ROOM - header.length
  for (const [index, byte] of header.entries()) out[start + index] = byte
  return out.subarray(start, at)
}

/** Where each item of the list begins. */
function itemStarts(bytes: Uint8Array, at: number): number[] {
  const list = readRlpHeader(bytes, at, bytes.length)
  const starts: number[] = []
  for (let next = list.start; next < list.end; next = readRlpHeader(bytes, next, list.end).end) starts.push(next)
  return starts
}

function putBytes(out: Uint8Array, at: number, from: Uint8Array, start: number, end: number): number {
  if (end - start > 64) out.set(from.subarray(start, end), at)
  else for (let index = start; index < end; index++) out[at + index - start] = from[index]!
  return at + end - start
}

function putInteger(out: Buffer, at: number, value: bigint): number {
  if (value < 0x80n) {
    out[at] = value === 0n ? 0x80 : Number(value)
    return at + 1
  }
  let size = 1
  for (let rest = value >> 8n; rest > 0n; rest >>= 8n) size++
  out[at] = 0x80 + size
  if (size <= 6) out.writeUIntBE(Number(value), at + 1, size)
  else for (let index = 0; index < size; index++) out[at + size - index] = Number((value >> BigInt(8 * index)) & 0xffn)
  return at + 1 + size
}

function putRecipient(out: Uint8Array, at: number, to: Uint8Array | undefined): number {
  out[at] = to === undefined ? 0x80 : 0x94
  return to === undefined ? at + 1 : putBytes(out, at + 1, to, 0, to.length)
}

/** 32 bytes as an integer. */
function putWord(out: Uint8Array, at: number, word: Uint8Array): number {
  let zeros = 0
  while (zeros < word.length && word[zeros] === 0) zeros++
  const size = word.length - zeros
  if (size === 1 && word[zeros]! < 0x80) {
    out[at] = word[zeros]!
    return at + 1
  }
  out[at] = 0x80 + size
  return putBytes(out, at + 1, word, zeros, word.length)
}

/** A transaction's part and columns. Throws a RangeError where the envelope is none that this chain may carry. */
export function splitTransaction(raw: Uint8Array, chainId: bigint): { part: Uint8Array } & SpanColumns {
  const type = raw[0]! > 0x7f ? 0 : raw[0]!
  if (!isSpanType(type)) throw new RangeError(`transactions of type ${type} do not go into a span batch`)
  const items = itemsOf(raw, type === 0 ? 0 : 1, raw.length)
  const skipped = type === 0 ? 0 : 1
  const [nonce, ...others] = items.slice(skipped)
  const fees = others.slice(0, type < 2 ? 1 : 2)
  const [gas, to, value, ...rest] = others.slice(fees.length)
  const [v, r, s] = rest.splice(-3)
  if (nonce === undefined || value === undefined || s === undefined) throw new RangeError('transaction lacks fields')
  const marker = integerOf(v!)
  if (type > 0 && integerOf(items[0]!) !== chainId) throw new RangeError(`transaction is not of chain ${chainId}`)
  const isProtected = type === 0 && marker !== 27n && marker !== 28n
  const base = type > 0 ? 0n : isProtected ? chainId * 2n + 35n : 27n
  if (marker !== base && marker !== base + 1n)
    throw new RangeError(`transaction's v ${marker} is not of chain ${chainId}`)
  const recipient = contentOf(to!)
  return {
    part: encodeFields(type, [value, ...fees, ...rest]),
    nonce: integerOf(nonce),
    gas: integerOf(gas!),
    to: recipient.length === 0 ? undefined : recipient,
    yParity: marker === base + 1n,
    r: word(contentOf(r!)),
    s: word(contentOf(s)),
    isProtected,
  }
}

function contentOf(item: Uint8Array): Uint8Array {
  const { start, end } = readRlpHeader(item, 0, item.length)
  return item.subarray(start, end)
}

function integerOf(item: Uint8Array): bigint {
  let value = 0n
  for (const byte of contentOf(item)) value = value * 256n + BigInt(byte)
  return value
}

function word(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(32)
  padded.set(bytes, 32 - bytes.length)
  return padded
}

/** The type's byte, if any, and the RLP list of fields that are encoded already. */
function encodeFields(type: SpanType, fields: Uint8Array[]): Uint8Array {
  let length = 0
  for (const field of fields) length += field.length
  const header = listHeader(type, length)
  const encoded = new Uint8Array(header.length + length)
  encoded.set(header, 0)
  let at = header.length
  for (const field of fields) {
    encoded.set(field, at)
    at += field.length
  }
  return encoded
}

function listHeader(type: SpanType, length: number): number[] {
  const prefix = type === 0 ? [] : [type]
  if (length <= 55) return [...prefix, 0xc0 + length]
  const digits: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256)
  return [...prefix, 0xf7 + digits.length, ...digits]
}
