/** The part of execution that ordinary transactions, deposits and simulated calls share: intrinsic gas to refunds. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import { bytesToAddress, greater, hexToBytes, lesser, uintToBytes } from './bytes.ts'
import { applyAuthorizations } from './delegation.ts'
import type { Engine, EngineBlock, EngineResult } from './engine.ts'
import type { L1FeeParameters } from './fees.ts'
import { floorGas, intrinsicGas } from './intrinsic-gas.ts'
import { encodeRlp } from './rlp.ts'
import type { Rules } from './rules.ts'
import type { StateOverlay } from './state-overlay.ts'
import type { AccessListItem, Authorization } from './transaction.ts'

/** What stays the same from one transaction of a block to the next, the overlay's contents apart. */
export type MessageContext = {
  rules: Rules
  chainId: bigint
  overlay: StateOverlay
  engine: Engine
  block: EngineBlock
}

/** … and on this chain. */
export type ExecutionContext = MessageContext & {
  /** As L1Block stands after the block's deposits. */
  l1Fees: L1FeeParameters
}

/**
 * A message that cannot be executed at all, in geth's words (go-ethereum, core/error.go). `rule` is the name that
 * Ethereum's tests have for what it breaks.
 */
export class InvalidTransactionError extends Error {
  override name = 'InvalidTransactionError'
  readonly rule: TransactionRule

  constructor(rule: TransactionRule, message: string) {
    super(message)
    this.rule = rule
  }
}

/** TransactionException's names (ethereum/execution-spec-tests). */
export type TransactionRule =
  | 'GAS_ALLOWANCE_EXCEEDED'
  | 'GAS_LIMIT_EXCEEDS_MAXIMUM'
  | 'INITCODE_SIZE_EXCEEDED'
  | 'INSUFFICIENT_ACCOUNT_FUNDS'
  | 'INSUFFICIENT_MAX_FEE_PER_BLOB_GAS'
  | 'INSUFFICIENT_MAX_FEE_PER_GAS'
  | 'INTRINSIC_GAS_BELOW_FLOOR_GAS_COST'
  | 'INTRINSIC_GAS_TOO_LOW'
  | 'NONCE_IS_MAX'
  | 'NONCE_MISMATCH_TOO_HIGH'
  | 'NONCE_MISMATCH_TOO_LOW'
  | 'PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS'
  | 'SENDER_NOT_EOA'
  | 'TYPE_3_TX_BLOB_COUNT_EXCEEDED'
  | 'TYPE_3_TX_CONTRACT_CREATION'
  | 'TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH'
  | 'TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED'
  | 'TYPE_3_TX_PRE_FORK'
  | 'TYPE_3_TX_ZERO_BLOBS'
  | 'TYPE_4_EMPTY_AUTHORIZATION_LIST'
  | 'TYPE_4_TX_CONTRACT_CREATION'
  | 'TYPE_NOT_SUPPORTED'

export type ExecutionMessage = {
  caller: Address
  to: Address | undefined
  value: bigint
  data: Uint8Array
  gasLimit: bigint
  gasPrice: bigint
  accessList?: AccessListItem[]
  authorizationList?: Authorization[]
  blobHashes?: Hex[]
}

/** `gasUsed`: all of it, after the refund and not below the floor; `refunded` is the refund within. */
export type MessageOutcome = EngineResult & { refunded: bigint }

/** Throws {@link InvalidTransactionError} where gas or size forbid the message, whatever the state. */
export function checkMessage(message: ExecutionMessage, rules: Rules): void {
  const { gasLimit, to, data } = message
  const intrinsic = intrinsicGas(message, rules)
  if (gasLimit < intrinsic) {
    const reason = `intrinsic gas too low: have ${gasLimit}, want ${intrinsic}`
    throw new InvalidTransactionError('INTRINSIC_GAS_TOO_LOW', reason)
  }
  const floor = floorGas(message, rules)
  if (gasLimit < floor) {
    const reason = `insufficient gas for floor data gas cost: have ${gasLimit}, want ${floor}`
    throw new InvalidTransactionError('INTRINSIC_GAS_BELOW_FLOOR_GAS_COST', reason)
  }
  if (to === undefined && data.length > rules.maxInitCodeBytes) {
    const reason = `max initcode size exceeded: code size ${data.length} limit ${rules.maxInitCodeBytes}`
    throw new InvalidTransactionError('INITCODE_SIZE_EXCEEDED', reason)
  }
}

/**
 * Counts up the caller's nonce, applies authorizations and runs the message, which {@link checkMessage} has passed and
 * whose caller holds its value. Gas has been bought by the caller of this function, who also settles it.
 */
export function executeMessage(context: MessageContext, message: ExecutionMessage): MessageOutcome {
  const { overlay, engine, chainId, rules } = context
  const { caller, to, value, data, gasLimit, gasPrice, accessList = [], authorizationList = [], blobHashes } = message
  const intrinsic = intrinsicGas(message, rules)
  overlay.setNonce(caller, overlay.nonce(caller) + 1n)
  const { refund, authorities } = applyAuthorizations(overlay, authorizationList, chainId)
  const warmAddresses = authorities
  const result = engine.run({
    caller,
    to,
    value,
    data,
    gasLimit: gasLimit - intrinsic,
    gasPrice,
    accessList,
    warmAddresses,
    ...(blobHashes === undefined ? {} : { blobHashes }),
  })
  const spent = intrinsic + result.gasUsed
  const refunded = lesser(result.refund + refund, spent / rules.refundQuotient)
  const gasUsed = greater(spent - refunded, floorGas(message, rules))
  return { ...result, gasUsed, refunded }
}

/** Address of the contract that an account creates with this nonce: keccak(rlp[sender, nonce]), last 20 bytes. */
export function createdAddress(sender: Address, nonce: bigint): Address {
  return bytesToAddress(keccak256(encodeRlp([hexToBytes(sender), uintToBytes(nonce)])).subarray(12))
}
