/**
 * A block as gossip and request/response carry it: ExecutionPayloadV4 in SSZ (specs.optimism.io, p2p and
 * Isthmus exec-engine; consensus-specs, ssz), after the parent beacon block root that the payload lacks.
 *
 *     envelope = parentBeaconBlockRoot 32 ‖ payload
 *     payload  = parentHash 32 ‖ feeRecipient 20 ‖ stateRoot 32 ‖ receiptsRoot 32 ‖ logsBloom 256 ‖ prevRandao 32 ‖
 *                number u64 ‖ gasLimit u64 ‖ gasUsed u64 ‖ timestamp u64 ‖ offset(extraData) u32 ‖ baseFeePerGas u256 ‖
 *                blockHash 32 ‖ offset(transactions) u32 ‖ offset(withdrawals) u32 ‖ blobGasUsed u64 ‖ excessBlobGas u64 ‖
 *                withdrawalsRoot 32                                                              560 bytes
 *              ‖ extraData (≤ 32) ‖ transactions ‖ withdrawals (none)                            little endian
 *     transactions = n × offset u32 ‖ n × envelope bytes
 *
 * There is one way to write a payload and only that is read.
 */
import type { Hex } from 'viem'
import type { Block, HashedBlock, Header } from '../execution/block.ts'
import { bytesToHex, hexToBytes } from '../execution/bytes.ts'
import { EMPTY_REQUESTS_HASH, headerHash } from '../execution/header.ts'
import { orderedTrieRoot } from '../state/trie.ts'

const ROOT_SIZE = 32
const FIXED_SIZE = 560
const MAX_EXTRA_DATA = 32
/** MAX_TRANSACTIONS_PER_PAYLOAD (consensus-specs, bellatrix). */
const MAX_TRANSACTIONS = 2 ** 20
const OFFSET_SIZE = 4

/** The bytes are no payload. The message names the field. */
export class PayloadError extends Error {
  override name = 'PayloadError'
}

/** A payload as it came: the block that its fields make, and the hash that it claims. */
export type ClaimedBlock = { claimedHash: Hex; block: Block }

/** The block's envelope. */
export function encodeEnvelope({ hash, block }: HashedBlock): Uint8Array {
  const { header, transactions } = block
  const extraData = hexToBytes(header.extraData)
  const body = encodeTransactions(transactions)
  const bytes = new Uint8Array(ROOT_SIZE + FIXED_SIZE + extraData.length + body.length)
  const writer = new FixedPart(bytes, ROOT_SIZE)
  bytes.set(hexToBytes(header.parentBeaconBlockRoot), 0)
  writer.hex(header.parentHash)
  writer.hex(header.beneficiary)
  writer.hex(header.stateRoot)
  writer.hex(header.receiptsRoot)
  writer.hex(header.logsBloom)
  writer.hex(header.mixHash)
  writer.uint(header.number, 8)
  writer.uint(header.gasLimit, 8)
  writer.uint(header.gasUsed, 8)
  writer.uint(header.timestamp, 8)
  writer.uint(BigInt(FIXED_SIZE), OFFSET_SIZE)
  writer.uint(header.baseFeePerGas, 32)
  writer.hex(hash)
  writer.uint(BigInt(FIXED_SIZE + extraData.length), OFFSET_SIZE)
  writer.uint(BigInt(FIXED_SIZE + extraData.length + body.length), OFFSET_SIZE)
  writer.uint(header.blobGasUsed, 8)
  writer.uint(header.excessBlobGas, 8)
  writer.hex(header.withdrawalsRoot)
  bytes.set(extraData, ROOT_SIZE + FIXED_SIZE)
  bytes.set(body, ROOT_SIZE + FIXED_SIZE + extraData.length)
  return bytes
}

/** Reads an envelope; its hash is not checked yet (see {@link checkedBlock}). Throws {@link PayloadError}. */
export function decodeEnvelope(bytes: Uint8Array): ClaimedBlock {
  if (bytes.length < ROOT_SIZE + FIXED_SIZE) {
    throw new PayloadError(`envelope has ${bytes.length} bytes, at least ${ROOT_SIZE + FIXED_SIZE} expected`)
  }
  const payload = bytes.subarray(ROOT_SIZE)
  const reader = new FixedPart(payload, 0)
  const parentHash = reader.takeHex(32)
  const beneficiary = reader.takeHex(20)
  const stateRoot = reader.takeHex(32)
  const receiptsRoot = reader.takeHex(32)
  const logsBloom = reader.takeHex(256)
  const mixHash = reader.takeHex(32)
  const number = reader.takeUint(8)
  const gasLimit = reader.takeUint(8)
  const gasUsed = reader.takeUint(8)
  const timestamp = reader.takeUint(8)
  const extraDataAt = Number(reader.takeUint(OFFSET_SIZE))
  const baseFeePerGas = reader.takeUint(32)
  const claimedHash = reader.takeHex(32)
  const transactionsAt = Number(reader.takeUint(OFFSET_SIZE))
  const withdrawalsAt = Number(reader.takeUint(OFFSET_SIZE))
  const blobGasUsed = reader.takeUint(8)
  const excessBlobGas = reader.takeUint(8)
  const withdrawalsRoot = reader.takeHex(32)
  if (extraDataAt !== FIXED_SIZE) throw new PayloadError(`extraData begins at ${extraDataAt}, expected ${FIXED_SIZE}`)
  if (transactionsAt < extraDataAt || transactionsAt > extraDataAt + MAX_EXTRA_DATA) {
    throw new PayloadError(`extraData ends at ${transactionsAt}, at most ${MAX_EXTRA_DATA} bytes expected`)
  }
  if (withdrawalsAt !== payload.length || withdrawalsAt < transactionsAt) {
    throw new PayloadError(`withdrawals begin at ${withdrawalsAt} of ${payload.length} bytes, expected none`)
  }
  const transactions = decodeTransactions(payload.subarray(transactionsAt, withdrawalsAt))
  const header: Header = {
    parentHash,
    beneficiary,
    stateRoot,
    transactionsRoot: orderedTrieRoot(transactions),
    receiptsRoot,
    logsBloom,
    number,
    gasLimit,
    gasUsed,
    timestamp,
    extraData: bytesToHex(payload.subarray(extraDataAt, transactionsAt)),
    mixHash,
    baseFeePerGas,
    withdrawalsRoot,
    blobGasUsed,
    excessBlobGas,
    parentBeaconBlockRoot: bytesToHex(bytes.subarray(0, ROOT_SIZE)),
    requestsHash: EMPTY_REQUESTS_HASH,
  }
  return { claimedHash, block: { header, transactions } }
}

/** The block, where its hash is the claimed one; undefined where it is not. */
export function checkedBlock({ claimedHash, block }: ClaimedBlock): HashedBlock | undefined {
  const hash = headerHash(block.header)
  return hash === claimedHash ? { hash, block } : undefined
}

function encodeTransactions(transactions: readonly Uint8Array[]): Uint8Array {
  const size = transactions.reduce((sum, transaction) => sum + OFFSET_SIZE + transaction.length, 0)
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = transactions.length * OFFSET_SIZE
  transactions.forEach((transaction, i) => {
    view.setUint32(i * OFFSET_SIZE, at, true)
    bytes.set(transaction, at)
    at += transaction.length
  })
  return bytes
}

function decodeTransactions(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length === 0) return []
  if (bytes.length < OFFSET_SIZE) throw new PayloadError(`transactions: ${bytes.length} bytes hold no offset`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const first = view.getUint32(0, true)
  const count = first / OFFSET_SIZE
  if (first === 0 || first % OFFSET_SIZE !== 0 || first > bytes.length || count > MAX_TRANSACTIONS) {
    throw new PayloadError(`transactions: the first begins at ${first} of ${bytes.length} bytes`)
  }
  return Array.from({ length: count }, (_, i) => {
    const start = view.getUint32(i * OFFSET_SIZE, true)
    const end = i + 1 < count ? view.getUint32((i + 1) * OFFSET_SIZE, true) : bytes.length
    if (start > end || end > bytes.length)
      throw new PayloadError(`transactions[${i}]: bytes ${start} to ${end} of ${bytes.length}`)
    return bytes.slice(start, end)
  })
}

/** A cursor over the payload's fixed part: bytes in order, integers little endian. */
class FixedPart {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  hex(value: Hex): void {
    const bytes = hexToBytes(value)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  uint(value: bigint, size: number): void {
    let rest = value
    for (let i = 0; i < size; i++) {
      this.#bytes[this.#at++] = Number(rest & 0xffn)
      rest >>= 8n
    }
  }

  takeHex(size: number): Hex {
    this.#at += size
    return bytesToHex(this.#bytes.subarray(this.#at - size, this.#at))
  }

  takeUint(size: number): bigint {
    let value = 0n
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[this.#at + i]!)
    this.#at += size
    return value
  }
}
