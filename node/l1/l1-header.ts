/**
 * L1 block headers as eth_getBlockBy… gives them, and the hash that their fields have:
 *
 *   keccak(rlp[parentHash, ommersHash, beneficiary, stateRoot, transactionsRoot, receiptsRoot, logsBloom, difficulty,
 *     number, gasLimit, gasUsed, timestamp, extraData, mixHash, nonce, baseFee (EIP-1559), withdrawalsRoot (4895),
 *     blobGasUsed, excessBlobGas (4844), parentBeaconBlockRoot (4788), requestsHash (7685)])
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { keccak256 } from '../../protocol/keccak.ts'
import { bytesToHex, hexToBytes, uintToBytes } from '../execution/bytes.ts'
import { encodeRlp } from '../execution/rlp.ts'
import { address, bytes, data, hash, quantity } from './json-fields.ts'

export const l1HeaderSchema = z.object({
  hash,
  parentHash: hash,
  sha3Uncles: hash,
  miner: address,
  stateRoot: hash,
  transactionsRoot: hash,
  receiptsRoot: hash,
  logsBloom: bytes(256),
  difficulty: quantity,
  number: quantity,
  gasLimit: quantity,
  gasUsed: quantity,
  timestamp: quantity,
  extraData: data,
  mixHash: hash,
  nonce: bytes(8),
  baseFeePerGas: quantity.nullish(),
  withdrawalsRoot: hash.nullish(),
  blobGasUsed: quantity.nullish(),
  excessBlobGas: quantity.nullish(),
  parentBeaconBlockRoot: hash.nullish(),
  requestsHash: hash.nullish(),
})

export type L1Header = z.output<typeof l1HeaderSchema>

/** Fields that forks have appended, in their order; the first absent one ends the header. */
const APPENDED = [
  'baseFeePerGas',
  'withdrawalsRoot',
  'blobGasUsed',
  'excessBlobGas',
  'parentBeaconBlockRoot',
  'requestsHash',
] as const

export function l1HeaderHash(header: L1Header): Hex {
  const fields: (Hex | bigint)[] = [
    header.parentHash,
    header.sha3Uncles,
    header.miner,
    header.stateRoot,
    header.transactionsRoot,
    header.receiptsRoot,
    header.logsBloom,
    header.difficulty,
    header.number,
    header.gasLimit,
    header.gasUsed,
    header.timestamp,
    header.extraData,
    header.mixHash,
    header.nonce,
  ]
  for (const name of APPENDED) {
    const value = header[name]
    if (value === undefined || value === null) break
    fields.push(value)
  }
  const items = fields.map((field) => (typeof field === 'bigint' ? uintToBytes(field) : hexToBytes(field)))
  return bytesToHex(keccak256(encodeRlp(items)))
}
