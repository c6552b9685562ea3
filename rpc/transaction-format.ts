/** Transactions as op-geth prints them, mined and pending. */
import type { HashedBlock, Receipt } from '../node/execution/block.ts'
import { bytesToHex } from '../node/execution/bytes.ts'
import {
  type DepositTransaction,
  effectiveGasPrice,
  maxGasPrice,
  type SignedTransaction,
  type Transaction,
} from '../node/execution/transaction.ts'
import { type Json, quantity } from './json.ts'

type Fields = { [key: string]: Json }

/** A transaction at its place in a block. A deposit's nonce is known by its receipt alone. */
export function formatMinedTransaction(
  transaction: Transaction,
  block: HashedBlock,
  index: number,
  receipt: Receipt | undefined,
): Json {
  const { number, baseFeePerGas } = block.block.header
  const place = { blockHash: block.hash, blockNumber: quantity(number), transactionIndex: quantity(index) }
  if (transaction.type === 0x7e) return { ...place, ...body(transaction), ...depositFields(transaction, receipt) }
  const gasPrice = quantity(effectiveGasPrice(transaction, baseFeePerGas))
  return { ...place, ...body(transaction), ...signedFields(transaction), gasPrice }
}

/** A transaction that waits in the pool. */
export function formatPendingTransaction(transaction: Transaction): Json {
  const place = { blockHash: null, blockNumber: null, transactionIndex: null }
  if (transaction.type === 0x7e) return { ...place, ...body(transaction), ...depositFields(transaction, undefined) }
  return { ...place, ...body(transaction), ...signedFields(transaction), gasPrice: quantity(maxGasPrice(transaction)) }
}

function body(transaction: Transaction): Fields {
  return {
    hash: transaction.hash,
    from: transaction.sender,
    to: transaction.to ?? null,
    gas: quantity(transaction.gasLimit),
    input: bytesToHex(transaction.data),
    value: quantity(transaction.value),
    type: quantity(transaction.type),
  }
}

function depositFields(deposit: DepositTransaction, receipt: Receipt | undefined): Fields {
  const fields: Fields = {
    sourceHash: deposit.sourceHash,
    nonce: quantity(receipt?.depositNonce ?? 0n),
    gasPrice: '0x0',
    v: '0x0',
    r: '0x0',
    s: '0x0',
  }
  if (deposit.mint > 0n) fields.mint = quantity(deposit.mint)
  if (deposit.isSystemTransaction) fields.isSystemTx = true
  if (receipt?.depositNonce !== undefined) fields.depositReceiptVersion = '0x1'
  return fields
}

function signedFields(transaction: SignedTransaction): Fields {
  const { yParity, r, s } = transaction.signature
  const fields: Fields = { nonce: quantity(transaction.nonce), v: quantity(yParity), r: quantity(r), s: quantity(s) }
  if (transaction.type === 0) {
    const { chainId } = transaction
    if (chainId === undefined) return { ...fields, v: quantity(27 + yParity) }
    return { ...fields, chainId: quantity(chainId), v: quantity(chainId * 2n + 35n + BigInt(yParity)) }
  }
  fields.chainId = quantity(transaction.chainId)
  fields.yParity = quantity(yParity)
  fields.accessList = transaction.accessList.map(({ address, storageKeys }) => ({ address, storageKeys }))
  if (transaction.type === 1) return fields
  fields.maxFeePerGas = quantity(transaction.maxFeePerGas)
  fields.maxPriorityFeePerGas = quantity(transaction.maxPriorityFeePerGas)
  if (transaction.type === 4) {
    fields.authorizationList = transaction.authorizationList.map((authorization) => ({
      chainId: quantity(authorization.chainId),
      address: authorization.address,
      nonce: quantity(authorization.nonce),
      yParity: quantity(authorization.yParity),
      r: quantity(authorization.r),
      s: quantity(authorization.s),
    }))
  }
  return fields
}
