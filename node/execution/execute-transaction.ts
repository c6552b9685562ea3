/**
 * One transaction of a block: ordinary ones with the OP Stack's fees (Isthmus, Jovian: exec-engine), deposits by the
 * deposits spec, "Execution". The same function for the sequencer's choice and for everybody who follows.
 */
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import type { Receipt } from './block.ts'
import { isDelegation } from './delegation.ts'
import type { EngineBlock } from './engine.ts'
import {
  checkMessage,
  createdAddress,
  type ExecutionContext,
  executeMessage,
  InvalidTransactionError,
  type MessageContext,
  type MessageOutcome,
} from './execute-message.ts'
import { daFootprint, estimatedSizeScaled, l1DataFee, operatorFee } from './fees.ts'
import { U256_MAX } from './rlp-fields.ts'
import {
  DEPOSIT_TYPE,
  type DepositTransaction,
  type EthereumTransaction,
  effectiveGasPrice,
  maxGasPrice,
  type SignedTransaction,
  type Transaction,
} from './transaction.ts'

/** A receipt but for what depends on the transactions before it. */
export type TransactionOutcome = Omit<Receipt, 'cumulativeGasUsed'>

/** Executes a signed transaction. Throws {@link InvalidTransactionError} with the state unchanged where it may not stand here. */
export function executeSigned(context: ExecutionContext, transaction: SignedTransaction): TransactionOutcome {
  const { overlay, block, l1Fees } = context
  const { sender, gasLimit } = transaction
  const size = estimatedSizeScaled(transaction.raw)
  const l1Fee = l1DataFee(size, l1Fees)
  const message = messageOf(transaction, block.baseFeePerGas)
  checkSender(context, transaction)
  checkPrice(block, transaction)
  checkMessage(message, context.rules)
  checkBalance(context, transaction, l1Fee)

  const { gasPrice } = message
  const operatorDeposit = operatorFee(gasLimit, l1Fees)
  const nonce = overlay.nonce(sender)
  overlay.subtractBalance(sender, gasLimit * gasPrice + l1Fee + operatorDeposit)
  const outcome = executeMessage(context, message)

  const { gasUsed } = outcome
  const operator = operatorFee(gasUsed, l1Fees)
  overlay.addBalance(sender, (gasLimit - gasUsed) * gasPrice + operatorDeposit - operator)
  overlay.addBalance(block.beneficiary, gasUsed * (gasPrice - block.baseFeePerGas))
  overlay.addBalance(PREDEPLOYS.baseFeeVault, gasUsed * block.baseFeePerGas)
  overlay.addBalance(PREDEPLOYS.l1FeeVault, l1Fee)
  overlay.addBalance(PREDEPLOYS.operatorFeeVault, operator)
  overlay.endTransaction()
  return {
    ...receiptBody(transaction, outcome, nonce),
    effectiveGasPrice: gasPrice,
    l1Fee,
    operatorFee: operator,
    daFootprint: daFootprint(size, l1Fees),
    depositNonce: undefined,
  }
}

/**
 * Executes a deposit, which cannot be refused. Minting stands whatever happens after it; a deposit that could not
 * be executed at all counts up the nonce, uses all its gas and fails.
 */
export function executeDeposit(context: ExecutionContext, deposit: DepositTransaction): TransactionOutcome {
  const { overlay } = context
  const { sender, mint } = deposit
  if (mint > 0n) overlay.addBalance(sender, mint)
  const depositNonce = overlay.nonce(sender)
  const outcome = attemptDeposit(context, deposit) ?? failedDeposit(context, deposit)
  overlay.endTransaction()
  const fees = { effectiveGasPrice: 0n, l1Fee: 0n, operatorFee: 0n, daFootprint: 0n }
  return { ...receiptBody(deposit, outcome, depositNonce), ...fees, depositNonce }
}

type Outcome = Pick<MessageOutcome, 'failure' | 'gasUsed' | 'logs'>

/** undefined where a rule other than the EVM's own stops it. */
function attemptDeposit(context: ExecutionContext, deposit: DepositTransaction): Outcome | undefined {
  const { sender, to, value, data, gasLimit, isSystemTransaction } = deposit
  const message = { caller: sender, to, value, data, gasLimit, gasPrice: 0n }
  // System transactions ended with Regolith.
  if (isSystemTransaction || context.overlay.balance(sender) < value) return undefined
  try {
    checkMessage(message, context.rules)
  } catch (error) {
    if (error instanceof InvalidTransactionError) return undefined
    throw error
  }
  return executeMessage(context, message)
}

function failedDeposit({ overlay }: ExecutionContext, { sender, gasLimit }: DepositTransaction): Outcome {
  overlay.setNonce(sender, overlay.nonce(sender) + 1n)
  return { failure: 'failed deposit', gasUsed: gasLimit, logs: [] }
}

/** A receipt's fields that every chain has. */
export function receiptBody(transaction: Transaction | EthereumTransaction, outcome: Outcome, nonce: bigint) {
  const { type, hash, sender, to } = transaction
  return {
    type,
    transactionHash: hash,
    from: sender,
    to,
    contractAddress: to === undefined ? createdAddress(sender, nonce) : undefined,
    succeeded: outcome.failure === undefined,
    gasUsed: outcome.gasUsed,
    logs: outcome.logs,
  }
}

/** What a transaction asks of the EVM, at the price that it pays in a block with this base fee. */
export function messageOf(transaction: EthereumTransaction, baseFee: bigint) {
  const { sender, to, value, data, gasLimit } = transaction
  return {
    caller: sender,
    to,
    value,
    data,
    gasLimit,
    gasPrice: effectiveGasPrice(transaction, baseFee),
    accessList: 'accessList' in transaction ? transaction.accessList : [],
    authorizationList: 'authorizationList' in transaction ? transaction.authorizationList : [],
    ...('blobHashes' in transaction ? { blobHashes: transaction.blobHashes } : {}),
  }
}

/** Nonce, and EIP-3607 as EIP-7702 has left it: senders have no code but a delegation. */
export function checkSender({ overlay }: MessageContext, { sender, nonce }: EthereumTransaction): void {
  const expected = overlay.nonce(sender)
  if (nonce !== expected) {
    const isLow = nonce < expected
    const reason = `nonce too ${isLow ? 'low' : 'high'}: address ${sender}, tx: ${nonce} state: ${expected}`
    throw new InvalidTransactionError(isLow ? 'NONCE_MISMATCH_TOO_LOW' : 'NONCE_MISMATCH_TOO_HIGH', reason)
  }
  const code = overlay.codeOf(sender)
  if (code.length > 0 && !isDelegation(code)) {
    throw new InvalidTransactionError(
      'SENDER_NOT_EOA',
      `sender not an eoa: address ${sender}, len(code): ${code.length}`,
    )
  }
}

/** EIP-1559. */
export function checkPrice(
  { baseFeePerGas }: Pick<EngineBlock, 'baseFeePerGas'>,
  transaction: EthereumTransaction,
): void {
  const { sender } = transaction
  const cap = maxGasPrice(transaction)
  if ('maxPriorityFeePerGas' in transaction && transaction.maxPriorityFeePerGas > cap) {
    throw new InvalidTransactionError(
      'PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS',
      `max priority fee per gas higher than max fee per gas: address ${sender}, maxPriorityFeePerGas: ${transaction.maxPriorityFeePerGas}, maxFeePerGas: ${cap}`,
    )
  }
  if (cap < baseFeePerGas) {
    throw new InvalidTransactionError(
      'INSUFFICIENT_MAX_FEE_PER_GAS',
      `max fee per gas less than block base fee: address ${sender}, maxFeePerGas: ${cap}, baseFee: ${baseFeePerGas}`,
    )
  }
}

/** The sender must hold the most that the transaction can cost. */
function checkBalance({ overlay, l1Fees }: ExecutionContext, transaction: SignedTransaction, l1Fee: bigint): void {
  const { sender, gasLimit, value } = transaction
  const want = gasLimit * maxGasPrice(transaction) + value + l1Fee + operatorFee(gasLimit, l1Fees)
  if (want > U256_MAX) {
    throw new InvalidTransactionError(
      'INSUFFICIENT_ACCOUNT_FUNDS',
      `insufficient funds for gas * price + value: address ${sender} required balance exceeds 256 bits`,
    )
  }
  const have = overlay.balance(sender)
  if (have < want) {
    throw new InvalidTransactionError(
      'INSUFFICIENT_ACCOUNT_FUNDS',
      `insufficient funds for gas * price + value: address ${sender} have ${have} want ${want}`,
    )
  }
}

export function executeTransaction(context: ExecutionContext, transaction: Transaction): TransactionOutcome {
  return transaction.type === DEPOSIT_TYPE ? executeDeposit(context, transaction) : executeSigned(context, transaction)
}
