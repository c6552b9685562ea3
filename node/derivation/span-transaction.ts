/**
 * A transaction's variable part in a span batch (specs.optimism.io, "Span Batches", tx_datas; type 4: Isthmus); its nonce,
 * gas, recipient and signature stand in columns of their own:
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

/** The end of the item at `at`, which must end by `limit`; {@link WRONG} where it is not of the form. Throws an RlpError. */
type Check = (bytes: Uint8Array, at: number, limit: number) => number

const WRONG = -1

/** What a header says, made into a check. */
const item =
  (fits: (bytes: Uint8Array, header: RlpHeader) => boolean): Check =>
  (bytes, at, limit) => {
    const header = readRlpHeader(bytes, at, limit)
    return fits(bytes, header) ? header.end : WRONG
  }
const uint = (size: number): Check =>
  item((bytes, { isList, start, end }) => !isList && end - start <= size && (start === end || bytes[start] !== 0))
const fixed = (size: number): Check => item((_, { isList, start, end }) => !isList && end - start === size)
const listOf =
  (check: Check): Check =>
  (bytes, at, limit) => {
    // Nearly every access list.
    if (at < limit && bytes[at] === 0xc0) return at + 1
    const { isList, start, end } = readRlpHeader(bytes, at, limit)
    if (!isList) return WRONG
    for (let next = start; next < end; ) {
      next = check(bytes, next, end)
      if (next === WRONG) return WRONG
    }
    return end
  }
const tuple =
  (...checks: Check[]): Check =>
  (bytes, at, limit) => {
    const { isList, start, end } = readRlpHeader(bytes, at, limit)
    if (!isList) return WRONG
    let next = start
    for (const check of checks) {
      next = check(bytes, next, end)
      if (next === WRONG) return WRONG
    }
    return next === end ? end : WRONG
  }

const anyUint = uint(Number.POSITIVE_INFINITY)
const anyString = item((_, { isList }) => !isList)
/** Most numbers are short, and are then judged without a header made for each. */
const number: Check = (bytes, at, limit) => {
  const end = shortStringEnd(bytes, at, limit)
  if (end === WRONG) return anyUint(bytes, at, limit)
  const first = bytes[at]! < 0x80 ? bytes[at]! : end > at + 1 ? bytes[at + 1]! : 1
  return first === 0 ? WRONG : end
}
const string: Check = (bytes, at, limit) => {
  const end = shortStringEnd(bytes, at, limit)
  return end === WRONG ? anyString(bytes, at, limit) : end
}
const u256 = uint(32)
const accessList = listOf(tuple(fixed(20), listOf(fixed(32))))
const authorizations = listOf(tuple(u256, fixed(20), uint(8), uint(1), u256, u256))

/** The end of a canonical string of less than 56 bytes; {@link WRONG} where it is anything else. */
function shortStringEnd(bytes: Uint8Array, at: number, limit: number): number {
  if (at >= limit) return WRONG
  const first = bytes[at]!
  if (first < 0x80) return at + 1
  const end = at + first - 0x7f
  if (first > 0xb7 || end > limit || (first === 0x81 && bytes[at + 1]! < 0x80)) return WRONG
  return end
}

const FIELDS: Record<SpanType, Check> = {
  0: tuple(number, number, string),
  1: tuple(number, number, string, accessList),
  2: tuple(number, number, number, string, accessList),
  4: tuple(u256, u256, u256, string, accessList, authorizations),
}

/** Where a transaction's part has what: its value, the fees after it, the rest after these, and its end. */
export type SpanPart = { type: SpanType; value: number; fees: number; rest: number; end: number }

/** Reads the part that begins at `start`. Throws {@link MalformedError}. */
export function readSpanTransaction(bytes: Uint8Array, start: number): SpanPart {
  const first = bytes[start]
  if (first === undefined) throw new MalformedError('a transaction of the span is missing')
  const type = first > 0x7f ? 0 : first
  if (first === 0 || !isSpanType(type)) throw new MalformedError(`a transaction of the span has type ${first}`)
  try {
    const list = type === 0 ? start : start + 1
    const end = FIELDS[type](bytes, list, bytes.length)
    if (end !== WRONG) {
      const value = readRlpHeader(bytes, list, end).start
      const fees = number(bytes, value, end)
      const second = number(bytes, fees, end)
      return { type, value, fees, rest: type < 2 ? second : number(bytes, second, end), end }
    }
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
