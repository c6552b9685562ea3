/** The least that can stand for a pool in tests of rpc/: takes what decodes, in order of arrival. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import { type TransactionPoolView, TransactionRejected, type TransactionSink } from '../../node/chain/reads.ts'
import type { TransactionSource } from '../../node/execution/execute-block.ts'
import {
  decodeSignedTransaction,
  type SignedTransaction,
  type Transaction,
  TransactionError,
} from '../../node/execution/transaction.ts'

export class WaitingList implements TransactionSink, TransactionPoolView, TransactionSource {
  readonly #chainId: bigint
  #waiting: SignedTransaction[] = []

  constructor(chainId: bigint) {
    this.#chainId = chainId
  }

  async submit(raw: Uint8Array): Promise<Hex> {
    try {
      const transaction = decodeSignedTransaction(raw, this.#chainId)
      this.#waiting.push(transaction)
      return transaction.hash
    } catch (error) {
      if (error instanceof TransactionError) throw new TransactionRejected(error.message, { cause: error })
      throw error
    }
  }

  byHash(hash: Hex): Transaction | undefined {
    return this.#waiting.find((transaction) => transaction.hash === hash)
  }

  nextNonce(address: Address): bigint | undefined {
    const last = this.#waiting.findLast(({ sender }) => sender === address)
    return last && last.nonce + 1n
  }

  content(): { pending: Transaction[]; queued: Transaction[] } {
    return { pending: [...this.#waiting], queued: [] }
  }

  next(): SignedTransaction | undefined {
    return this.#waiting[0]
  }

  included(): void {
    this.#waiting.shift()
  }

  refused(transaction: SignedTransaction, reason: string): void {
    throw new Error(`the test sent an invalid transaction (${transaction.hash}): ${reason}`)
  }

  skipped(): void {
    throw new Error('the test sent more than fits a block')
  }
}
