/** Transactions of types 0 to 4 (EIP-2718 envelopes) and the OP Stack's deposit 0x7E. A layer 2 carries no blobs (type 3). */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { bytesToHex, concatBytes, EMPTY_BYTES, hexToBytes, lesser, uintToBytes } from './bytes.ts'
import { knownSender } from './known-senders.ts'
import { JOVIAN_RULES } from './op-rules.ts'
import { encodeRlp, type RlpItem } from './rlp.ts'
import { type FieldFault, FieldReader, U64_MAX } from './rlp-fields.ts'
import type { Rules } from './rules.ts'
import { isLowS, recoverAddress } from './signature.ts'

export type AccessListItem = { address: Address; storageKeys: Hex[] }

/** EIP-7702 tuple. */
export type Authorization = { chainId: bigint; address: Address; nonce: bigint; yParity: number; r: bigint; s: bigint }

export type Signature = { yParity: number; r: bigint; s: bigint }

type Body = {
  /** keccak256 of the envelope. */
  hash: Hex
  /** The envelope. */
  raw: Uint8Array
  /** Recovered, or a deposit's `from`. */
  sender: Address
  /** Absent when the transaction creates a contract. */
  to: Address | undefined
  value: bigint
  gasLimit: bigint
  data: Uint8Array
}

type Signed = Body & { nonce: bigint; signature: Signature }

export type LegacyTransaction = Signed & {
  type: 0
  gasPrice: bigint /** EIP-155; absent before it. */
  chainId: bigint | undefined
}
export type AccessListTransaction = Signed & {
  type: 1
  chainId: bigint
  gasPrice: bigint
  accessList: AccessListItem[]
}
export type FeeMarketTransaction = Signed & {
  type: 2
  chainId: bigint
  maxPriorityFeePerGas: bigint
  maxFeePerGas: bigint
  accessList: AccessListItem[]
}
/** EIP-4844; on Ethereum alone. */
export type BlobTransaction = Signed & {
  type: 3
  chainId: bigint
  maxPriorityFeePerGas: bigint
  maxFeePerGas: bigint
  accessList: AccessListItem[]
  maxFeePerBlobGas: bigint
  /** Versioned hashes. */
  blobHashes: Hex[]
}
export type SetCodeTransaction = Signed & {
  type: 4
  chainId: bigint
  maxPriorityFeePerGas: bigint
  maxFeePerGas: bigint
  accessList: AccessListItem[]
  authorizationList: Authorization[]
}
export type DepositTransaction = Body & {
  type: 0x7e
  sourceHash: Hex
  /** Wei minted to the sender; 0n where none. */
  mint: bigint
  isSystemTransaction: boolean
}

export type SignedTransaction = LegacyTransaction | AccessListTransaction | FeeMarketTransaction | SetCodeTransaction
export type Transaction = SignedTransaction | DepositTransaction
/** What may stand in a block of Ethereum. */
export type EthereumTransaction = SignedTransaction | BlobTransaction

/** A transaction that nobody may include: names the field, what was found and what it must be. */
export class TransactionError extends Error {
  override name = 'TransactionError'
  readonly field: string

  constructor(field: string, reason: string) {
    super(`transaction ${field}: ${reason}`)
    this.field = field
  }
}

export const DEPOSIT_TYPE = 0x7e

const fault: FieldFault = (field, reason) => new TransactionError(field, reason)

/** What a fork says of envelopes: see rules.ts. */
type EnvelopeRules = Pick<Rules, 'lowSOnly' | 'replayProtection' | 'transactionTypes'>

/** Reads what may stand in a block of this chain, deposits too. See {@link decodeEnvelope}. */
export function decodeTransaction(raw: Uint8Array, chainId: bigint): Transaction {
  const type = raw[0]
  if (type === DEPOSIT_TYPE) return decodeDeposit(raw)
  if (type === 3) throw blobsFault()
  if (type !== undefined && type < 0xc0 && !JOVIAN_RULES.transactionTypes.includes(type))
    throw fault('type', `must be 0, 1, 2, 4 or 0x7e, got ${type}`)
  const transaction = decodeEnvelope(raw, chainId, JOVIAN_RULES)
  if (transaction.type === 3) throw blobsFault()
  return transaction
}

const blobsFault = () => fault('type', '3 (blobs) is not carried by a layer 2')

/**
 * Reads an EIP-2718 envelope and recovers its sender.
 *
 *   type 0     rlp[nonce, gasPrice, gasLimit, to, value, data, v, r, s]
 *   0x01 ‖     rlp[chainId, nonce, gasPrice, gasLimit, to, value, data, accessList, yParity, r, s]
 *   0x02 ‖     rlp[chainId, nonce, maxPriorityFee, maxFee, gasLimit, to, value, data, accessList, yParity, r, s]
 *   0x03 ‖     rlp[chainId, nonce, maxPriorityFee, maxFee, gasLimit, to, value, data, accessList,
 *                  maxFeePerBlobGas, blobHashes, yParity, r, s]
 *   0x04 ‖     rlp[chainId, nonce, maxPriorityFee, maxFee, gasLimit, to, value, data, accessList, authorizationList, yParity, r, s]
 *   0x7e ‖     rlp[sourceHash, from, to, mint, value, gasLimit, isSystemTransaction, data]
 *
 * Byte fields of the result are views of `raw`, which must not change afterwards. Throws {@link TransactionError}.
 */
export function decodeEnvelope(raw: Uint8Array, chainId: bigint, rules: EnvelopeRules): EthereumTransaction {
  const type = raw[0]
  if (type === undefined) throw fault('envelope', 'is empty')
  if (type >= 0xc0) return decodeLegacy(raw, chainId, rules)
  if (isTyped(type) && rules.transactionTypes.includes(type)) return decodeTyped(raw, type, chainId)
  throw fault('type', `must be ${rules.transactionTypes.join(', ')}, got ${type}`)
}

type TypedNumber = 1 | 2 | 3 | 4
const isTyped = (type: number): type is TypedNumber => type >= 1 && type <= 4

/** Like {@link decodeTransaction}, for what users send: deposits come from L1 alone. */
export function decodeSignedTransaction(raw: Uint8Array, chainId: bigint): SignedTransaction {
  const transaction = decodeTransaction(raw, chainId)
  if (transaction.type === DEPOSIT_TYPE) throw fault('type', '0x7e (deposit) comes from L1 and cannot be sent')
  return transaction
}

function decodeLegacy(raw: Uint8Array, chainId: bigint, rules: EnvelopeRules): LegacyTransaction {
  const items = FieldReader.decodeList(raw, 'envelope', fault)
  const fields = FieldReader.of(items, 'envelope', [9], fault)
  const nonce = readNonce(fields)
  const gasPrice = fields.u256('gasPrice')
  const call = readCall(fields)
  const v = fields.u256('v')
  const isProtected = v !== 27n && v !== 28n
  if (isProtected && !rules.replayProtection) throw fault('v', `must be 27 or 28, got ${v}`)
  if (isProtected && v < 35n) throw fault('v', `must be 27, 28 or at least 35, got ${v}`)
  const yParity = isProtected ? Number((v - 35n) % 2n) : Number(v - 27n)
  if (isProtected) checkChainId((v - 35n) / 2n, chainId)
  const signature = readSignature(fields, yParity, rules.lowSOnly)

  const signed = items.slice(0, 6)
  if (isProtected) signed.push(uintToBytes(chainId), EMPTY_BYTES, EMPTY_BYTES)
  const sender = knownSender(raw) ?? recoverSender(keccak256(encodeRlp(signed)), signature)
  return {
    type: 0,
    hash: bytesToHex(keccak256(raw)),
    raw,
    sender,
    chainId: isProtected ? chainId : undefined,
    nonce,
    gasPrice,
    ...call,
    signature,
  }
}

function decodeTyped(raw: Uint8Array, type: TypedNumber, chainId: bigint): EthereumTransaction {
  const items = FieldReader.decodeList(raw.subarray(1), 'envelope', fault)
  const fields = FieldReader.of(items, 'envelope', [{ 1: 11, 2: 12, 3: 14, 4: 13 }[type]], fault)
  checkChainId(fields.u256('chainId'), chainId)
  const nonce = readNonce(fields)
  const fees =
    type === 1
      ? { type, gasPrice: fields.u256('gasPrice') }
      : {
          type,
          maxPriorityFeePerGas: fields.u256('maxPriorityFeePerGas'),
          maxFeePerGas: fields.u256('maxFeePerGas'),
        }
  const call = readCall(fields)
  const accessList = readAccessList(fields.list('accessList'))
  const blobs = type === 3 ? readBlobs(fields) : undefined
  const authorizationList = type === 4 ? readAuthorizations(fields.list('authorizationList')) : []
  const signature = readSignature(fields, Number(fields.uint('yParity', 1n)), true)

  const signed = () => concatBytes(raw.subarray(0, 1), encodeRlp(items.slice(0, -3)))
  const sender = knownSender(raw) ?? recoverSender(keccak256(signed()), signature)
  const body = { hash: bytesToHex(keccak256(raw)), raw, sender, chainId, nonce, ...call, accessList, signature }
  if (fees.type === 1) return { ...body, type: 1, gasPrice: fees.gasPrice }
  const { maxPriorityFeePerGas, maxFeePerGas } = fees
  if (fees.type === 2) return { ...body, type: 2, maxPriorityFeePerGas, maxFeePerGas }
  if (call.to === undefined)
    throw fault('to', `must be an address: a type ${fees.type} transaction cannot create a contract`)
  if (blobs !== undefined) return { ...body, type: 3, maxPriorityFeePerGas, maxFeePerGas, ...blobs }
  if (authorizationList.length === 0) throw fault('authorizationList', 'must have at least one item')
  return { ...body, type: 4, maxPriorityFeePerGas, maxFeePerGas, authorizationList }
}

/** EIP-4844; how many there may be is a matter of execution. */
function readBlobs(fields: FieldReader): Pick<BlobTransaction, 'maxFeePerBlobGas' | 'blobHashes'> {
  const maxFeePerBlobGas = fields.u256('maxFeePerBlobGas')
  const items = fields.list('blobHashes')
  const hashes = new FieldReader(items, fault)
  return { maxFeePerBlobGas, blobHashes: items.map((_, index) => hashes.hash(`blobHashes[${index}]`)) }
}

function checkChainId(found: bigint, chainId: bigint): void {
  if (found !== chainId) throw fault('chainId', `must be ${chainId}, got ${found}`)
}

/** EIP-2681: below 2^64 − 1, so that it can still be counted up. */
function readNonce(fields: FieldReader): bigint {
  return fields.uint('nonce', U64_MAX - 1n)
}

function readCall(fields: FieldReader) {
  return {
    gasLimit: fields.u64('gasLimit'),
    to: fields.recipient('to'),
    value: fields.u256('value'),
    data: fields.bytes('data'),
  }
}

function readSignature(fields: FieldReader, yParity: number, lowSOnly: boolean): Signature {
  const r = fields.u256('r')
  const s = fields.u256('s')
  if (lowSOnly && !isLowS(s))
    throw fault('s', `must be in the lower half of the curve order (EIP-2), got 0x${s.toString(16)}`)
  return { yParity, r, s }
}

function recoverSender(digest: Uint8Array, signature: Signature): Address {
  const sender = recoverAddress(digest, signature)
  if (sender === undefined) {
    const { r, s } = signature
    throw fault('signature', `belongs to no key: r 0x${r.toString(16)}, s 0x${s.toString(16)}`)
  }
  return sender
}

/** EIP-2930. */
function readAccessList(items: RlpItem[]): AccessListItem[] {
  return items.map((item, index) => {
    const fields = FieldReader.of(item, `accessList[${index}]`, [2], fault)
    const address = fields.address(`accessList[${index}].address`)
    const keys = fields.list(`accessList[${index}].storageKeys`)
    const keyFields = new FieldReader(keys, fault)
    return { address, storageKeys: keys.map((_, key) => keyFields.hash(`accessList[${index}].storageKeys[${key}]`)) }
  })
}

/** EIP-7702; the tuples' own validity (signature, nonce, chain) is a matter of execution. */
function readAuthorizations(items: RlpItem[]): Authorization[] {
  return items.map((item, index) => {
    const name = `authorizationList[${index}]`
    const fields = FieldReader.of(item, name, [6], fault)
    return {
      chainId: fields.u256(`${name}.chainId`),
      address: fields.address(`${name}.address`),
      nonce: fields.u64(`${name}.nonce`),
      yParity: Number(fields.uint(`${name}.yParity`, 255n)),
      r: fields.u256(`${name}.r`),
      s: fields.u256(`${name}.s`),
    }
  })
}

function decodeDeposit(raw: Uint8Array): DepositTransaction {
  const fields = FieldReader.decode(raw.subarray(1), 'envelope', [8], fault)
  const sourceHash = fields.hash('sourceHash')
  const sender = fields.address('from')
  const to = fields.recipient('to')
  const mint = fields.u256('mint')
  const value = fields.u256('value')
  const gasLimit = fields.u64('gasLimit')
  const isSystemTransaction = fields.uint('isSystemTransaction', 1n) === 1n
  const data = fields.bytes('data')
  const hash = bytesToHex(keccak256(raw))
  return { type: DEPOSIT_TYPE, hash, raw, sender, to, value, gasLimit, data, sourceHash, mint, isSystemTransaction }
}

/** What a deposit is made of; hash and envelope follow from it. */
export type DepositFields = Omit<DepositTransaction, 'type' | 'hash' | 'raw'>

/** The envelope 0x7e ‖ rlp[sourceHash, from, to, mint, value, gasLimit, isSystemTransaction, data] (deposits spec). */
export function encodeDeposit(deposit: DepositFields): Uint8Array {
  const body = encodeRlp([
    hexToBytes(deposit.sourceHash),
    hexToBytes(deposit.sender),
    deposit.to === undefined ? EMPTY_BYTES : hexToBytes(deposit.to),
    uintToBytes(deposit.mint),
    uintToBytes(deposit.value),
    uintToBytes(deposit.gasLimit),
    uintToBytes(deposit.isSystemTransaction ? 1n : 0n),
    deposit.data,
  ])
  return concatBytes(new Uint8Array([DEPOSIT_TYPE]), body)
}

/** Wei per gas that a transaction pays in a block with this base fee: base fee plus tip, within its cap. */
export function effectiveGasPrice(transaction: Transaction | BlobTransaction, baseFee: bigint): bigint {
  switch (transaction.type) {
    case 0:
    case 1:
      return transaction.gasPrice
    case 2:
    case 3:
    case 4: {
      const { maxFeePerGas, maxPriorityFeePerGas } = transaction
      return lesser(baseFee + maxPriorityFeePerGas, maxFeePerGas)
    }
    case DEPOSIT_TYPE:
      return 0n
  }
}

/** The most that a transaction pays for a unit of gas. */
export function maxGasPrice(transaction: EthereumTransaction): bigint {
  return 'gasPrice' in transaction ? transaction.gasPrice : transaction.maxFeePerGas
}
