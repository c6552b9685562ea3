/**
 * The header's bytes and hash: Ethereum's 21 fields to Prague (EIP-7685), with the OP Stack's meanings (see block.ts).
 *
 *   rlp[parentHash, ommersHash, beneficiary, stateRoot, transactionsRoot, receiptsRoot, logsBloom, difficulty, number, gasLimit,
 *       gasUsed, timestamp, extraData, mixHash, nonce, baseFeePerGas, withdrawalsRoot, blobGasUsed, excessBlobGas,
 *       parentBeaconBlockRoot, requestsHash]
 */
import type { Hex } from 'viem'
import { keccak256 } from '../../protocol/keccak.ts'
import type { Header } from './block.ts'
import { bytesToHex, hexToBytes, uintToBytes } from './bytes.ts'
import { InvalidBlockError } from './invalid-block.ts'
import { encodeRlp, type RlpItem } from './rlp.ts'
import { type FieldFault, FieldReader } from './rlp-fields.ts'

/** keccak256(rlp([])): there are no ommers since the merge (EIP-3675). */
export const EMPTY_OMMERS_HASH: Hex = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'
/** sha256 of nothing: there are no requests on a layer 2 (Isthmus). */
export const EMPTY_REQUESTS_HASH: Hex = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
/** Root of a trie without keys: keccak256(rlp('')). */
export const EMPTY_ROOT: Hex = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'
/** keccak256 of nothing. */
export const EMPTY_CODE_HASH: Hex = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
/** Eight zero bytes (EIP-3675). */
const NONCE: Hex = '0x0000000000000000'

const fault: FieldFault = (field, reason) => new InvalidBlockError(`header ${field}: ${reason}`)

export function headerItems(header: Header): Uint8Array[] {
  return [
    hexToBytes(header.parentHash),
    hexToBytes(EMPTY_OMMERS_HASH),
    hexToBytes(header.beneficiary),
    hexToBytes(header.stateRoot),
    hexToBytes(header.transactionsRoot),
    hexToBytes(header.receiptsRoot),
    hexToBytes(header.logsBloom),
    uintToBytes(0n),
    uintToBytes(header.number),
    uintToBytes(header.gasLimit),
    uintToBytes(header.gasUsed),
    uintToBytes(header.timestamp),
    hexToBytes(header.extraData),
    hexToBytes(header.mixHash),
    hexToBytes(NONCE),
    uintToBytes(header.baseFeePerGas),
    hexToBytes(header.withdrawalsRoot),
    uintToBytes(header.blobGasUsed),
    uintToBytes(header.excessBlobGas),
    hexToBytes(header.parentBeaconBlockRoot),
    hexToBytes(header.requestsHash),
  ]
}

export function encodeHeader(header: Header): Uint8Array {
  return encodeRlp(headerItems(header))
}

export function headerHash(header: Header): Hex {
  return bytesToHex(keccak256(encodeHeader(header)))
}

/** Throws {@link InvalidBlockError} that names the field. */
export function decodeHeader(bytes: Uint8Array): Header {
  return readHeader(FieldReader.decodeList(bytes, 'list', fault))
}

/** The header of an already decoded RLP list. */
export function readHeader(item: RlpItem): Header {
  const fields = FieldReader.of(item, 'list', [21], fault)
  const constant = (field: string, expected: Hex) => {
    const found = bytesToHex(fields.bytes(field))
    if (found !== expected) throw fault(field, `must be ${expected}, got ${found}`)
  }
  const parentHash = fields.hash('parentHash')
  constant('ommersHash', EMPTY_OMMERS_HASH)
  const beneficiary = fields.address('beneficiary')
  const stateRoot = fields.hash('stateRoot')
  const transactionsRoot = fields.hash('transactionsRoot')
  const receiptsRoot = fields.hash('receiptsRoot')
  const logsBloom = bytesToHex(fields.bytes('logsBloom', 256))
  constant('difficulty', '0x')
  const number = fields.u64('number')
  const gasLimit = fields.u64('gasLimit')
  const gasUsed = fields.u64('gasUsed')
  const timestamp = fields.u64('timestamp')
  const extraData = readExtraData(fields)
  const mixHash = fields.hash('mixHash')
  constant('nonce', NONCE)
  return {
    parentHash,
    beneficiary,
    stateRoot,
    transactionsRoot,
    receiptsRoot,
    logsBloom,
    number,
    gasLimit,
    gasUsed,
    timestamp,
    extraData,
    mixHash,
    baseFeePerGas: fields.u256('baseFeePerGas'),
    withdrawalsRoot: fields.hash('withdrawalsRoot'),
    blobGasUsed: fields.u64('blobGasUsed'),
    excessBlobGas: fields.u64('excessBlobGas'),
    parentBeaconBlockRoot: fields.hash('parentBeaconBlockRoot'),
    requestsHash: fields.hash('requestsHash'),
  }
}

function readExtraData(fields: FieldReader): Hex {
  const bytes = fields.bytes('extraData')
  if (bytes.length > 32) throw fault('extraData', `must be at most 32 bytes, got ${bytes.length}`)
  return bytesToHex(bytes)
}
