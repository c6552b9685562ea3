/**
 * User deposits: the portal's events become deposit transactions (specs.optimism.io, "Deposits").
 *
 *   event TransactionDeposited(address indexed from, address indexed to, uint256 indexed version, bytes opaqueData)
 *   opaqueData (version 0) = mint (32) ‖ value (32) ‖ gas limit (u64) ‖ is creation (1) ‖ calldata
 */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { CriticalError } from '../errors.ts'
import type { Log } from '../execution/block.ts'
import { bytesToHex, bytesToUint, hexToBytes, wordHex } from '../execution/bytes.ts'
import type { DepositFields } from '../execution/transaction.ts'
import type { L1Receipt } from '../l1/source.ts'
import { SOURCE_DOMAIN_USER } from './constants.ts'
import { MalformedError } from './malformed.ts'
import { sourceHash } from './source-hash.ts'

export const TRANSACTION_DEPOSITED = bytesToHex(
  keccak256(Buffer.from('TransactionDeposited(address,address,uint256,bytes)')),
)
const VERSION_0 = wordHex(0n)
const OPAQUE_HEADER = 32 + 32 + 8 + 1

/**
 * Deposits of an L1 block in log order. Throws a CriticalError where an event of the portal cannot be read: a deposit
 * may never be left out.
 */
export function userDeposits(portal: Address, l1BlockHash: Hex, receipts: L1Receipt[]): DepositFields[] {
  const deposits: DepositFields[] = []
  let logIndex = 0n
  for (const receipt of receipts) {
    for (const log of receipt.logs) {
      if (receipt.succeeded && log.address === portal && log.topics[0] === TRANSACTION_DEPOSITED)
        deposits.push(depositOfLog(log, l1BlockHash, logIndex))
      logIndex++
    }
  }
  return deposits
}

function depositOfLog(log: Log, l1BlockHash: Hex, logIndex: bigint): DepositFields {
  try {
    return { ...decodeDepositLog(log), sourceHash: sourceHash(SOURCE_DOMAIN_USER, l1BlockHash, logIndex) }
  } catch (error) {
    if (error instanceof MalformedError)
      throw new CriticalError(`deposit in log ${logIndex} of L1 block ${l1BlockHash}: ${error.message}`)
    throw error
  }
}

/** Throws {@link MalformedError}. */
export function decodeDepositLog(log: Log): Omit<DepositFields, 'sourceHash'> {
  const [, from, to, version] = log.topics
  if (from === undefined || to === undefined || log.topics.length !== 4)
    throw new MalformedError(`the event has ${log.topics.length} topics, not 4`)
  if (version !== VERSION_0) throw new MalformedError(`the event has version ${version}, not 0`)
  const opaque = decodeBytesArgument(log.data)
  if (opaque.length < OPAQUE_HEADER)
    throw new MalformedError(`opaqueData has ${opaque.length} bytes, fewer than ${OPAQUE_HEADER}`)
  const isCreation = opaque[72] !== 0
  return {
    sender: `0x${from.slice(26)}`,
    to: isCreation ? undefined : `0x${to.slice(26)}`,
    mint: bytesToUint(opaque.subarray(0, 32)),
    value: bytesToUint(opaque.subarray(32, 64)),
    gasLimit: bytesToUint(opaque.subarray(64, 72)),
    isSystemTransaction: false,
    data: opaque.subarray(OPAQUE_HEADER),
  }
}

/** The one ABI argument `bytes`: offset 32 ‖ length ‖ content, padded to words. Throws {@link MalformedError}. */
export function decodeBytesArgument(data: Uint8Array): Uint8Array {
  if (data.length < 64 || data.length % 32 !== 0) throw new MalformedError(`event data has ${data.length} bytes`)
  const offset = bytesToUint(data.subarray(0, 32))
  const length = bytesToUint(data.subarray(32, 64))
  const room = BigInt(data.length - 64)
  if (offset !== 32n) throw new MalformedError(`event data has its content at ${offset}, not 32`)
  if (length > room || length + 32n <= room) throw new MalformedError(`event data claims ${length} bytes in ${room}`)
  return data.subarray(64, 64 + Number(length))
}

/** The event's topics and data for a deposit: the inverse of {@link decodeDepositLog}, for tests and tools. */
export function encodeDepositLog(portal: Address, deposit: Omit<DepositFields, 'sourceHash'>): Log {
  const opaque = Buffer.concat([
    hexToBytes(wordHex(deposit.mint)),
    hexToBytes(wordHex(deposit.value)),
    hexToBytes(wordHex(deposit.gasLimit)).subarray(24),
    Uint8Array.of(deposit.to === undefined ? 1 : 0),
    deposit.data,
  ])
  const padding = new Uint8Array((32 - (opaque.length % 32)) % 32)
  const header = [hexToBytes(wordHex(32n)), hexToBytes(wordHex(BigInt(opaque.length)))]
  return {
    address: portal,
    topics: [
      TRANSACTION_DEPOSITED,
      wordHex(BigInt(deposit.sender)),
      wordHex(deposit.to === undefined ? 0n : BigInt(deposit.to)),
      VERSION_0,
    ],
    data: Buffer.concat([...header, opaque, padding]),
  }
}
