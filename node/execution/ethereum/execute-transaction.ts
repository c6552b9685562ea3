/** One transaction of an Ethereum block: what it must be, what it pays for gas and blobs, and the message in it. */
import {
  checkMessage,
  executeMessage,
  InvalidTransactionError,
  type MessageContext,
  type TransactionRule,
} from '../execute-message.ts'
import { checkPrice, checkSender, messageOf, receiptBody } from '../execute-transaction.ts'
import { U64_MAX, U256_MAX } from '../rlp-fields.ts'
import type { Rules } from '../rules.ts'
import { type BlobTransaction, type EthereumTransaction, maxGasPrice } from '../transaction.ts'
import { GAS_PER_BLOB } from './blob-gas.ts'

/** What a transaction came to: a receipt but for what depends on the transactions before it. */
export type EthereumOutcome = ReturnType<typeof receiptBody> & {
  effectiveGasPrice: bigint
  /** EIP-4844. */
  blobGasUsed: bigint | undefined
}

/** What the block has left for the next transaction. */
export type Room = { gas: bigint; blobGas: bigint }

/** EIP-4844: the first byte of a versioned hash. */
const KZG_VERSION = '0x01'

/**
 * Executes a transaction. Throws {@link InvalidTransactionError} with the state unchanged where it may not stand here. Rules are
 * looked at in geth's order, so that of several broken ones the same is named.
 */
export function executeEthereumTransaction(
  context: MessageContext,
  transaction: EthereumTransaction,
  room: Room,
): EthereumOutcome {
  const { overlay, block, rules } = context
  const { sender, gasLimit } = transaction
  const message = messageOf(transaction, block.baseFeePerGas)
  checkSender(context, transaction)
  checkEnvelope(transaction, rules)
  checkPrice(block, transaction)
  if (transaction.type === 3) checkBlobs(context, transaction, room)
  checkBalance(context, transaction)
  if (gasLimit > room.gas)
    throw invalid('GAS_ALLOWANCE_EXCEEDED', `gas limit reached: have ${room.gas}, want ${gasLimit}`)
  checkMessage(message, rules)

  const { gasPrice } = message
  const nonce = overlay.nonce(sender)
  const blobGas = blobGasOf(transaction)
  overlay.subtractBalance(sender, gasLimit * gasPrice + blobGas * (block.blobBaseFee ?? 0n))
  const outcome = executeMessage(context, message)
  const { gasUsed } = outcome
  overlay.addBalance(sender, (gasLimit - gasUsed) * gasPrice)
  // The base fee is burnt, and so is what blobs pay.
  overlay.addBalance(block.beneficiary, gasUsed * (gasPrice - block.baseFeePerGas))
  overlay.endTransaction()
  return {
    ...receiptBody(transaction, outcome, nonce),
    effectiveGasPrice: gasPrice,
    blobGasUsed: transaction.type === 3 ? blobGas : undefined,
  }
}

const invalid = (rule: TransactionRule, message: string) => new InvalidTransactionError(rule, message)

export function blobGasOf(transaction: EthereumTransaction): bigint {
  return transaction.type === 3 ? BigInt(transaction.blobHashes.length) * GAS_PER_BLOB : 0n
}

/** Rules that need no state. Throws {@link InvalidTransactionError}. */
export function checkEnvelope(transaction: EthereumTransaction, rules: Rules): void {
  const { type, gasLimit, nonce, sender } = transaction
  if (!rules.transactionTypes.includes(type)) {
    const rule = type === 3 ? 'TYPE_3_TX_PRE_FORK' : 'TYPE_NOT_SUPPORTED'
    throw invalid(rule, `transaction type not supported: ${type}`)
  }
  if (nonce >= U64_MAX) throw invalid('NONCE_IS_MAX', `nonce has max value: address ${sender}, nonce: ${nonce}`)
  if (rules.maxTransactionGas !== undefined && gasLimit > rules.maxTransactionGas) {
    const reason = `transaction gas limit too high: cap ${rules.maxTransactionGas}, tx ${gasLimit}`
    throw invalid('GAS_LIMIT_EXCEEDS_MAXIMUM', reason)
  }
  if (type === 4 && transaction.authorizationList.length === 0)
    throw invalid('TYPE_4_EMPTY_AUTHORIZATION_LIST', `EIP-7702 transaction with empty auth list: address ${sender}`)
  if (type === 4 && transaction.to === undefined)
    throw invalid(
      'TYPE_4_TX_CONTRACT_CREATION',
      `EIP-7702 transaction cannot be used to create contract: address ${sender}`,
    )
}

/** EIP-4844, 7594. */
function checkBlobs({ rules, block }: MessageContext, transaction: BlobTransaction, room: Room): void {
  const { to, blobHashes, maxFeePerBlobGas, sender } = transaction
  if (to === undefined)
    throw invalid('TYPE_3_TX_CONTRACT_CREATION', 'blob transaction of type create: must name its recipient (to)')
  if (blobHashes.length === 0) throw invalid('TYPE_3_TX_ZERO_BLOBS', 'blob transaction missing blob hashes')
  for (const [index, hash] of blobHashes.entries()) {
    if (!hash.startsWith(KZG_VERSION)) {
      const reason = `blob ${index} has invalid hash version: must begin with ${KZG_VERSION}, got ${hash}`
      throw invalid('TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH', reason)
    }
  }
  if (rules.maxTransactionBlobs !== undefined && blobHashes.length > rules.maxTransactionBlobs) {
    const reason = `blob transaction has too many blobs: have ${blobHashes.length}, at most ${rules.maxTransactionBlobs}`
    throw invalid('TYPE_3_TX_BLOB_COUNT_EXCEEDED', reason)
  }
  const price = block.blobBaseFee ?? 0n
  if (maxFeePerBlobGas < price) {
    const reason = `max fee per blob gas less than block blob gas fee: address ${sender}, blobGasFeeCap: ${maxFeePerBlobGas}, blobBaseFee: ${price}`
    throw invalid('INSUFFICIENT_MAX_FEE_PER_BLOB_GAS', reason)
  }
  const blobGas = blobGasOf(transaction)
  if (blobGas > room.blobGas) {
    const reason = `blob gas limit reached: have ${room.blobGas}, want ${blobGas}`
    throw invalid('TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED', reason)
  }
}

/** The sender must hold the most that the transaction can cost. */
function checkBalance({ overlay }: MessageContext, transaction: EthereumTransaction): void {
  const { sender, gasLimit, value } = transaction
  const blobs = transaction.type === 3 ? blobGasOf(transaction) * transaction.maxFeePerBlobGas : 0n
  const want = gasLimit * maxGasPrice(transaction) + value + blobs
  const have = overlay.balance(sender)
  if (have >= want && want <= U256_MAX) return
  const reason = `insufficient funds for gas * price + value: address ${sender} have ${have} want ${want}`
  throw invalid('INSUFFICIENT_ACCOUNT_FUNDS', reason)
}
