/** The part of execution that ordinary transactions, deposits and simulated calls share: intrinsic gas to refunds. */
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { bytesToAddress, greater, hexToBytes, lesser, uintToBytes } from './bytes.ts'
import { applyAuthorizations } from './delegation.ts'
import type { Engine, EngineBlock, EngineResult } from './engine.ts'
import type { L1FeeParameters } from './fees.ts'
import { floorGas, intrinsicGas, MAX_INIT_CODE_BYTES } from './intrinsic-gas.ts'
import { encodeRlp } from './rlp.ts'
import type { StateOverlay } from './state-overlay.ts'
import type { AccessListItem, Authorization } from './transaction.ts'

/** What stays the same from one transaction of a block to the next, the overlay's contents apart. */
export type ExecutionContext = {
  chainId: bigint
  overlay: StateOverlay
  engine: Engine
  block: EngineBlock
  /** As L1Block stands after the block's deposits. */
  l1Fees: L1FeeParameters
}

/** A message that cannot be executed at all, in geth's words (go-ethereum, core/error.go). */
export class InvalidTransactionError extends Error {
  override name = 'InvalidTransactionError'
}

export type ExecutionMessage = {
  caller: Address
  to: Address | undefined
  value: bigint
  data: Uint8Array
  gasLimit: bigint
  gasPrice: bigint
  accessList?: AccessListItem[]
  authorizationList?: Authorization[]
}

/** `gasUsed`: all of it, after the refund and not below the floor; `refunded` is the refund within. */
export type MessageOutcome = EngineResult & { refunded: bigint }

/** At most a fifth of the gas used is refunded (EIP-3529). */
const REFUND_QUOTIENT = 5n

/** Throws {@link InvalidTransactionError} where gas or size forbid the message, whatever the state. */
export function checkMessage(message: ExecutionMessage): void {
  const { gasLimit, to, data } = message
  const intrinsic = intrinsicGas(message)
  if (gasLimit < intrinsic)
    throw new InvalidTransactionError(`intrinsic gas too low: have ${gasLimit}, want ${intrinsic}`)
  const floor = floorGas(message)
  if (gasLimit < floor) {
    throw new InvalidTransactionError(`insufficient gas for floor data gas cost: have ${gasLimit}, want ${floor}`)
  }
  if (to === undefined && data.length > MAX_INIT_CODE_BYTES) {
    throw new InvalidTransactionError(
      `max initcode size exceeded: code size ${data.length} limit ${MAX_INIT_CODE_BYTES}`,
    )
  }
}

/**
 * Counts up the caller's nonce, applies authorizations and runs the message, which {@link checkMessage} has passed and
 * whose caller holds its value. Gas has been bought by the caller of this function, who also settles it.
 */
export async function executeMessage(context: ExecutionContext, message: ExecutionMessage): Promise<MessageOutcome> {
  const { overlay, engine, chainId } = context
  const { caller, to, value, data, gasLimit, gasPrice, accessList = [], authorizationList = [] } = message
  const intrinsic = intrinsicGas(message)
  overlay.setNonce(caller, overlay.nonce(caller) + 1n)
  const { refund, authorities } = applyAuthorizations(overlay, authorizationList, chainId)
  const warmAddresses = authorities
  const result = await engine.run({
    caller,
    to,
    value,
    data,
    gasLimit: gasLimit - intrinsic,
    gasPrice,
    accessList,
    warmAddresses,
  })
  const spent = intrinsic + result.gasUsed
  const refunded = lesser(result.refund + refund, spent / REFUND_QUOTIENT)
  const gasUsed = greater(spent - refunded, floorGas(message))
  return { ...result, gasUsed, refunded }
}

/** Address of the contract that an account creates with this nonce: keccak(rlp[sender, nonce]), last 20 bytes. */
export function createdAddress(sender: Address, nonce: bigint): Address {
  return bytesToAddress(keccak256(encodeRlp([hexToBytes(sender), uintToBytes(nonce)])).subarray(12))
}
