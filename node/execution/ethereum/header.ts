/**
 * Ethereum's header as every fork has had it; what came later is absent from earlier ones.
 *
 *   rlp[parentHash, ommersHash, beneficiary, stateRoot, transactionsRoot, receiptsRoot, logsBloom, difficulty, number, gasLimit,
 *       gasUsed, timestamp, extraData, mixHash, nonce,
 *       baseFeePerGas (London), withdrawalsRoot (Shanghai), blobGasUsed, excessBlobGas, parentBeaconBlockRoot (Cancun),
 *       requestsHash (Prague)]
 */
import type { Hex } from 'viem'
import type { Address } from '../../../genesis/addresses.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import { bytesToHex, hexToBytes, uintToBytes } from '../bytes.ts'
import { encodeRlp, type RlpItem } from '../rlp.ts'
import { type FieldFault, FieldReader } from '../rlp-fields.ts'
import { brokenRule } from './block-rule.ts'

export type EthereumHeader = {
  parentHash: Hex
  ommersHash: Hex
  beneficiary: Address
  stateRoot: Hex
  transactionsRoot: Hex
  receiptsRoot: Hex
  /** 256 bytes. */
  logsBloom: Hex
  difficulty: bigint
  number: bigint
  gasLimit: bigint
  gasUsed: bigint
  /** Seconds since 1970. */
  timestamp: bigint
  extraData: Hex
  /** prevRandao after the merge. */
  mixHash: Hex
  /** 8 bytes. */
  nonce: Hex
  baseFeePerGas: bigint | undefined
  withdrawalsRoot: Hex | undefined
  blobGasUsed: bigint | undefined
  excessBlobGas: bigint | undefined
  parentBeaconBlockRoot: Hex | undefined
  requestsHash: Hex | undefined
}

/** Numbers of fields before London, and at London, Shanghai, Cancun, Prague. */
const FIELD_COUNTS = [15, 16, 17, 20, 21]

export const structureFault: FieldFault = (field, reason) =>
  brokenRule('RLP_STRUCTURES_ENCODING', `block ${field}: ${reason}`)

export function ethereumHeaderItems(header: EthereumHeader): Uint8Array[] {
  const items = [
    hexToBytes(header.parentHash),
    hexToBytes(header.ommersHash),
    hexToBytes(header.beneficiary),
    hexToBytes(header.stateRoot),
    hexToBytes(header.transactionsRoot),
    hexToBytes(header.receiptsRoot),
    hexToBytes(header.logsBloom),
    uintToBytes(header.difficulty),
    uintToBytes(header.number),
    uintToBytes(header.gasLimit),
    uintToBytes(header.gasUsed),
    uintToBytes(header.timestamp),
    hexToBytes(header.extraData),
    hexToBytes(header.mixHash),
    hexToBytes(header.nonce),
  ]
  const { baseFeePerGas, withdrawalsRoot, blobGasUsed, excessBlobGas, parentBeaconBlockRoot, requestsHash } = header
  if (baseFeePerGas !== undefined) items.push(uintToBytes(baseFeePerGas))
  if (withdrawalsRoot !== undefined) items.push(hexToBytes(withdrawalsRoot))
  if (blobGasUsed !== undefined) items.push(uintToBytes(blobGasUsed))
  if (excessBlobGas !== undefined) items.push(uintToBytes(excessBlobGas))
  if (parentBeaconBlockRoot !== undefined) items.push(hexToBytes(parentBeaconBlockRoot))
  if (requestsHash !== undefined) items.push(hexToBytes(requestsHash))
  return items
}

export function ethereumHeaderHash(header: EthereumHeader): Hex {
  return bytesToHex(keccak256(encodeRlp(ethereumHeaderItems(header))))
}

/** The header of a decoded RLP list, whatever its fork. Throws {@link BrokenRuleError}. */
export function readEthereumHeader(item: RlpItem): EthereumHeader {
  const fields = FieldReader.of(item, 'header', FIELD_COUNTS, structureFault)
  const optional = <T>(read: () => T): T | undefined => (fields.left > 0 ? read() : undefined)
  return {
    parentHash: fields.hash('parentHash'),
    ommersHash: fields.hash('ommersHash'),
    beneficiary: fields.address('beneficiary'),
    stateRoot: fields.hash('stateRoot'),
    transactionsRoot: fields.hash('transactionsRoot'),
    receiptsRoot: fields.hash('receiptsRoot'),
    logsBloom: bytesToHex(fields.bytes('logsBloom', 256)),
    difficulty: fields.u256('difficulty'),
    number: fields.u64('number'),
    gasLimit: fields.u64('gasLimit'),
    gasUsed: fields.u64('gasUsed'),
    timestamp: fields.u64('timestamp'),
    extraData: bytesToHex(fields.bytes('extraData')),
    mixHash: fields.hash('mixHash'),
    nonce: bytesToHex(fields.bytes('nonce', 8)),
    baseFeePerGas: optional(() => fields.u256('baseFeePerGas')),
    withdrawalsRoot: optional(() => fields.hash('withdrawalsRoot')),
    blobGasUsed: optional(() => fields.u64('blobGasUsed')),
    excessBlobGas: optional(() => fields.u64('excessBlobGas')),
    parentBeaconBlockRoot: optional(() => fields.hash('parentBeaconBlockRoot')),
    requestsHash: optional(() => fields.hash('requestsHash')),
  }
}
