/**
 * What a transaction must satisfy to enter the pool, checked once at the edge with geth's wordings
 * (go-ethereum, core/txpool/validation.go and core/error.go), which wallets and libraries recognize.
 */
import { TransactionRejected } from '../node/chain/reads.ts'
import { estimatedSizeScaled, type L1FeeParameters, l1DataFee, operatorFee } from '../node/execution/fees.ts'
import { floorGas, intrinsicGas, MAX_INIT_CODE_BYTES } from '../node/execution/intrinsic-gas.ts'
import {
  decodeSignedTransaction,
  maxGasPrice,
  type SignedTransaction,
  TransactionError,
} from '../node/execution/transaction.ts'
import type { StateReader } from '../node/state/reader.ts'

/** geth's txMaxSize. */
export const MAX_TRANSACTION_BYTES = 128 * 1024
/** EIP-7702: an account whose code begins so is delegated, and may still send. */
const DELEGATION_PREFIX = [0xef, 0x01, 0x00]

/** Decodes and recovers the sender. Throws {@link TransactionRejected}. */
export function readTransaction(raw: Uint8Array, chainId: bigint): SignedTransaction {
  if (raw.length > MAX_TRANSACTION_BYTES) {
    throw new TransactionRejected(`oversized data: transaction size ${raw.length}, limit ${MAX_TRANSACTION_BYTES}`)
  }
  try {
    return decodeSignedTransaction(raw, chainId)
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error
    const wording = WORDINGS[error.field]
    throw new TransactionRejected(wording === undefined ? error.message : `${wording}: ${error.message}`, {
      cause: error,
    })
  }
}

const WORDINGS: Record<string, string | undefined> = {
  type: 'transaction type not supported',
  chainId: 'invalid chain id for signer',
}

/** Rules that need no account. Throws {@link TransactionRejected}. */
export function checkEnvelope(transaction: SignedTransaction, next: { gasLimit: bigint; baseFee: bigint }): void {
  const { gasLimit, data, to } = transaction
  const cap = maxGasPrice(transaction)
  const who = `address ${transaction.sender}`
  if ('maxPriorityFeePerGas' in transaction && transaction.maxPriorityFeePerGas > cap) {
    throw new TransactionRejected(
      `max priority fee per gas higher than max fee per gas: ${who}, maxPriorityFeePerGas: ${transaction.maxPriorityFeePerGas}, maxFeePerGas: ${cap}`,
    )
  }
  if (gasLimit > next.gasLimit)
    throw new TransactionRejected(`exceeds block gas limit: gas ${gasLimit}, limit ${next.gasLimit}`)
  if (to === undefined && data.length > MAX_INIT_CODE_BYTES) {
    throw new TransactionRejected(`max initcode size exceeded: code size ${data.length}, limit ${MAX_INIT_CODE_BYTES}`)
  }
  if (transaction.type === 4 && transaction.to === undefined) {
    throw new TransactionRejected(
      'input string too short for common.Address: a set code transaction must name its recipient (to)',
    )
  }
  if (transaction.type === 4 && transaction.authorizationList.length === 0) {
    throw new TransactionRejected('set code tx must have at least one authorization tuple')
  }
  const intrinsic = intrinsicGas(transaction)
  if (gasLimit < intrinsic)
    throw new TransactionRejected(`intrinsic gas too low: gas ${gasLimit}, minimum needed ${intrinsic}`)
  const floor = floorGas(transaction)
  if (gasLimit < floor) {
    throw new TransactionRejected(`insufficient gas for floor data gas cost: gas ${gasLimit}, minimum needed ${floor}`)
  }
  if (cap < next.baseFee) {
    throw new TransactionRejected(
      `max fee per gas less than block base fee: ${who}, maxFeePerGas: ${cap}, baseFee: ${next.baseFee}`,
    )
  }
}

/** Rules on the sender's account at the head. Throws {@link TransactionRejected}. */
export function checkSender(transaction: SignedTransaction, state: StateReader): { nonce: bigint; balance: bigint } {
  const account = state.account(transaction.sender)
  const nonce = account?.nonce ?? 0n
  if (transaction.nonce < nonce) {
    throw new TransactionRejected(`nonce too low: next nonce ${nonce}, tx nonce ${transaction.nonce}`)
  }
  const code = account === undefined ? new Uint8Array(0) : state.code(account.codeHash)
  if (code.length > 0 && !DELEGATION_PREFIX.every((byte, index) => code[index] === byte)) {
    throw new TransactionRejected(`sender not an eoa: address ${transaction.sender}, codehash: ${account?.codeHash}`)
  }
  return { nonce, balance: account?.balance ?? 0n }
}

/** Most wei that the transaction can take with today's L1 and operator fees. */
export function transactionCost(transaction: SignedTransaction, fees: L1FeeParameters): bigint {
  const execution = transaction.gasLimit * maxGasPrice(transaction) + transaction.value
  return execution + l1DataFee(estimatedSizeScaled(transaction.raw), fees) + operatorFee(transaction.gasLimit, fees)
}

/** Throws {@link TransactionRejected} where the balance does not cover the transaction after those before it. */
export function checkBalance(balance: bigint, queuedCost: bigint, cost: bigint): void {
  if (queuedCost + cost <= balance) return
  const queued = queuedCost === 0n ? '' : `queued cost ${queuedCost}, `
  throw new TransactionRejected(
    `insufficient funds for gas * price + value: balance ${balance}, ${queued}tx cost ${cost}, overshot ${queuedCost + cost - balance}`,
  )
}

/** A replacement must raise both tip and cap by `bumpPercent` (geth's PriceBump). Throws {@link TransactionRejected}. */
export function checkReplacement(incoming: SignedTransaction, held: SignedTransaction, bumpPercent: bigint): void {
  const enough = (now: bigint, before: bigint): boolean => now > before && now * 100n >= before * (100n + bumpPercent)
  if (enough(maxGasPrice(incoming), maxGasPrice(held)) && enough(maxTip(incoming), maxTip(held))) return
  throw new TransactionRejected(
    `replacement transaction underpriced: nonce ${held.nonce} is taken by ${held.hash}; raise its fees by ${bumpPercent} % (cap ${maxGasPrice(held)}, tip ${maxTip(held)})`,
  )
}

/** Wei per gas that go to the sequencer at this base fee; negative where the cap does not reach it. */
export function effectiveTip(transaction: SignedTransaction, baseFee: bigint): bigint {
  const room = maxGasPrice(transaction) - baseFee
  const tip = maxTip(transaction)
  if (tip < room) return tip
  return room
}

function maxTip(transaction: SignedTransaction): bigint {
  return 'gasPrice' in transaction ? transaction.gasPrice : transaction.maxPriorityFeePerGas
}
