/**
 * The envelopes of a span batch's transactions, put together out of its columns (span-batch.ts): a list header, then each
 * field as it stands in its column.
 *
 *   legacy      rlp[nonce, gasPrice, gas, to, value, data, v, r, s]
 *   0x01 ‖      rlp[chainId, nonce, gasPrice, gas, to, value, data, accessList, yParity, r, s]
 *   0x02 ‖      rlp[chainId, nonce, tip, maxFee, gas, to, value, data, accessList, yParity, r, s]
 *   0x04 ‖      rlp[chainId, nonce, tip, maxFee, gas, to, value, data, accessList, authorizationList, yParity, r, s]
 *
 * Derivation makes millions of them: those of a block are measured first and then written into one buffer, without
 * anything between.
 */
import { uintToBytes } from '../execution/bytes.ts'
import { encodeRlp } from '../execution/rlp.ts'
import { bitAt } from './byte-reader.ts'

/** Columns as they stand in the batch. */
export type SpanTransactions = {
  count: number
  bytes: Uint8Array
  creations: Uint8Array
  yParities: Uint8Array
  /** 64 bytes for each transaction. */
  signatures: Uint8Array
  /** 20 bytes for each transaction that is no creation. */
  recipients: Uint8Array
  /** Where each transaction's part has what, {@link PART_MARKS} places in `bytes` for each, and where the last one ends. */
  parts: Uint32Array
  /** High and low 32 bits for each transaction. */
  nonces: Uint32Array
  gases: Uint32Array
  /** One bit for each legacy transaction. */
  protections: Uint8Array
  /** What depends on the chain, as RLP: its id, and `v` of protected legacy transactions by parity. */
  chain: { id: Uint8Array; protectedV: readonly [Uint8Array, Uint8Array] }
}

/** Of each part: its start, value, the fees, and what comes after these. */
export const PART_MARKS = 4

/** Which transaction is next, and how many recipients and legacy transactions came before it. */
export type Walk = { index: number; recipient: number; legacy: number }

export function chainItems(chainId: bigint): SpanTransactions['chain'] {
  const item = (value: bigint) => encodeRlp(uintToBytes(value))
  return { id: item(chainId), protectedV: [item(chainId * 2n + 35n), item(chainId * 2n + 36n)] }
}

const isLegacy = (columns: SpanTransactions, index: number) => columns.bytes[columns.parts[PART_MARKS * index]!]! > 0x7f

export function skipTransactions(columns: SpanTransactions, count: number, walk: Walk): void {
  for (let left = count; left > 0; left--) {
    if (!bitAt(columns.creations, walk.index)) walk.recipient++
    if (isLegacy(columns, walk.index)) walk.legacy++
    walk.index++
  }
}

const UNPROTECTED_V = [Uint8Array.of(27), Uint8Array.of(28)] as const
/** RLP of 0 and of 1. */
const PARITIES = [Uint8Array.of(0x80), Uint8Array.of(1)] as const
const EMPTY_ITEM = 0x80
const ADDRESS_BYTES = 20
const WORD_BYTES = 32

/** The next `count` envelopes, all in one buffer; the walk goes on behind them. */
export function nextEnvelopes(columns: SpanTransactions, count: number, walk: Walk): Uint8Array[] {
  const payloads = new Uint32Array(count)
  const start = { ...walk }
  let total = 0
  for (let at = 0; at < count; at++) {
    payloads[at] = payloadLength(columns, walk)
    total += headerLength(payloads[at]!) + payloads[at]! + (isLegacy(columns, walk.index) ? 0 : 1)
    skipTransactions(columns, 1, walk)
  }
  const writer = new EnvelopeWriter(Buffer.allocUnsafeSlow(total))
  const envelopes: Uint8Array[] = []
  for (let at = 0; at < count; at++) {
    const from = writer.at
    writeEnvelope(writer, columns, start, payloads[at]!)
    envelopes.push(writer.out.subarray(from, writer.at))
    skipTransactions(columns, 1, start)
  }
  return envelopes
}

/** The v or parity of a transaction, as RLP. */
function signatureItem(columns: SpanTransactions, { index, legacy }: Walk): Uint8Array {
  const parity = bitAt(columns.yParities, index) ? 1 : 0
  if (!isLegacy(columns, index)) return PARITIES[parity]
  return (bitAt(columns.protections, legacy) ? columns.chain.protectedV : UNPROTECTED_V)[parity]
}

/** Bytes of the list's content. */
function payloadLength(columns: SpanTransactions, walk: Walk): number {
  const { index } = walk
  const { parts, nonces, gases, signatures } = columns
  const part = parts[PART_MARKS * (index + 1)]! - parts[PART_MARKS * index + 1]!
  const chain = isLegacy(columns, index) ? 0 : columns.chain.id.length
  const to = bitAt(columns.creations, index) ? 1 : 1 + ADDRESS_BYTES
  const signature = 2 * WORD_BYTES * index
  return (
    chain +
    integerLength(nonces[2 * index]!, nonces[2 * index + 1]!) +
    integerLength(gases[2 * index]!, gases[2 * index + 1]!) +
    to +
    part +
    signatureItem(columns, walk).length +
    wordLength(signatures, signature) +
    wordLength(signatures, signature + WORD_BYTES)
  )
}

function writeEnvelope(writer: EnvelopeWriter, columns: SpanTransactions, walk: Walk, payload: number): void {
  const { index, recipient } = walk
  const { bytes, parts, nonces, gases, signatures } = columns
  const at = PART_MARKS * index
  const legacy = isLegacy(columns, index)
  if (!legacy) writer.byte(bytes[parts[at]!]!)
  writer.header(payload)
  if (!legacy) writer.copy(columns.chain.id, 0, columns.chain.id.length)
  writer.integer(nonces[2 * index]!, nonces[2 * index + 1]!)
  writer.copy(bytes, parts[at + 2]!, parts[at + 3]!)
  writer.integer(gases[2 * index]!, gases[2 * index + 1]!)
  if (bitAt(columns.creations, index)) writer.byte(EMPTY_ITEM)
  else {
    writer.byte(EMPTY_ITEM + ADDRESS_BYTES)
    writer.copy(columns.recipients, ADDRESS_BYTES * recipient, ADDRESS_BYTES * (recipient + 1))
  }
  writer.copy(bytes, parts[at + 1]!, parts[at + 2]!)
  writer.copy(bytes, parts[at + 3]!, parts[at + PART_MARKS]!)
  const v = signatureItem(columns, walk)
  writer.copy(v, 0, v.length)
  writer.word(signatures, 2 * WORD_BYTES * index)
  writer.word(signatures, 2 * WORD_BYTES * index + WORD_BYTES)
}

/** Bytes of an unsigned 32-bit number without leading zeros. */
const sizeOf = (value: number) => (value > 0xff_ffff ? 4 : value > 0xffff ? 3 : value > 0xff ? 2 : value > 0 ? 1 : 0)

function integerLength(high: number, low: number): number {
  if (high === 0) return low < 0x80 ? 1 : 1 + sizeOf(low)
  return 1 + sizeOf(high) + 4
}

function zerosBefore(bytes: Uint8Array, start: number): number {
  let zeros = 0
  while (zeros < WORD_BYTES && bytes[start + zeros] === 0) zeros++
  return zeros
}

/** Of 32 bytes as an integer. */
function wordLength(bytes: Uint8Array, start: number): number {
  const size = WORD_BYTES - zerosBefore(bytes, start)
  return size === 1 && bytes[start + WORD_BYTES - 1]! < 0x80 ? 1 : 1 + size
}

const headerLength = (payload: number) => (payload <= 55 ? 1 : 1 + sizeOf(payload))

/** Above it the engine's own copying is quicker than a loop. */
const LONG_COPY = 96

/** RLP items one after the other. */
class EnvelopeWriter {
  readonly out: Buffer
  at = 0

  constructor(out: Buffer) {
    this.out = out
  }

  byte(value: number): void {
    this.out[this.at++] = value
  }

  header(payload: number): void {
    if (payload <= 55) this.byte(0xc0 + payload)
    else {
      this.byte(0xf7 + sizeOf(payload))
      this.digits(payload)
    }
  }

  /** Of 64 bits. */
  integer(high: number, low: number): void {
    const length = integerLength(high, low)
    if (length === 1) this.byte(low === 0 ? EMPTY_ITEM : low)
    else this.byte(EMPTY_ITEM + length - 1)
    this.digits(high)
    if (high === 0 && length > 1) this.digits(low)
    if (high !== 0) for (let shift = 24; shift >= 0; shift -= 8) this.byte((low >>> shift) & 0xff)
  }

  /** 32 bytes as an integer. */
  word(bytes: Uint8Array, start: number): void {
    const zeros = zerosBefore(bytes, start)
    const size = WORD_BYTES - zeros
    if (size !== 1 || bytes[start + WORD_BYTES - 1]! >= 0x80) this.byte(EMPTY_ITEM + size)
    this.copy(bytes, start + zeros, start + WORD_BYTES)
  }

  copy(from: Uint8Array, start: number, end: number): void {
    const { out, at } = this
    if (end - start > LONG_COPY) out.set(from.subarray(start, end), at)
    else for (let index = start; index < end; index++) out[at + index - start] = from[index]!
    this.at = at + end - start
  }

  /** 32 bits without leading zeros. */
  digits(value: number): void {
    for (let shift = 8 * (sizeOf(value) - 1); shift >= 0; shift -= 8) this.byte((value >>> shift) & 0xff)
  }
}
