/**
 * Transactions that wait for a block. Per account in order of nonces, across accounts by tip; validated once on
 * arrival (pool-validation.ts) and again where a new head touched the account. Everything is bounded; a full pool
 * makes room by dropping what pays least, waiting ("queued") transactions first. The pool lives in memory: a restart
 * empties it, and wallets send again.
 */
import type { Hex } from 'viem'
import type { Address } from '../genesis/addresses.ts'
import type { ChainConfig } from '../genesis/chain-config.ts'
import {
  type ChainReads,
  type TransactionPoolView,
  TransactionRejected,
  type TransactionSink,
} from '../node/chain/reads.ts'
import type { HashedBlock } from '../node/execution/block.ts'
import type { TransactionSource } from '../node/execution/execute-block.ts'
import { l1FeeParameters, nextBaseFee } from '../node/execution/fees.ts'
import { DEPOSIT_TYPE, type SignedTransaction, type Transaction } from '../node/execution/transaction.ts'
import type { StateReader } from '../node/state/reader.ts'
import { AccountQueue, type PoolEntry } from './pool-account.ts'
import { PoolSource } from './pool-source.ts'
import {
  checkBalance,
  checkEnvelope,
  checkReplacement,
  checkSender,
  effectiveTip,
  readTransaction,
  transactionCost,
} from './pool-validation.ts'

/** What the pool asks of node/chain's Chain. */
export type PoolChain = Pick<ChainReads, 'head' | 'onHead'> & {
  headState(): StateReader
  /** Decoded transactions of a block that is held. */
  decodedTransactions(hash: Hex): Transaction[] | undefined
}

export type PoolOptions = {
  /** Most transactions of one account. */
  accountLimit?: number
  /** Most transactions in all. */
  totalLimit?: number
  /** Most bytes of envelopes in all. */
  byteLimit?: number
  /** Percent by which a replacement must raise its fees. */
  priceBump?: bigint
}

/** Included transactions that are remembered, to come back when their block is reorged away. */
const REMEMBERED_INCLUSIONS = 4096

export class TransactionPool implements TransactionSink, TransactionPoolView {
  private readonly chain: PoolChain
  private readonly chainId: bigint
  private readonly limits: Required<PoolOptions>
  private readonly accounts = new Map<Address, AccountQueue>()
  private readonly entries = new Map<Hex, PoolEntry>()
  private readonly included = new Map<Hex, SignedTransaction>()
  private readonly listeners = new Set<(transaction: SignedTransaction) => void>()
  private bytes = 0
  private arrivals = 0
  private head: HashedBlock
  private readonly unsubscribe: () => void

  constructor(modules: { config: ChainConfig; chain: PoolChain }, options: PoolOptions = {}) {
    this.chain = modules.chain
    this.chainId = BigInt(modules.config.l2ChainId)
    this.limits = {
      accountLimit: options.accountLimit ?? 1024,
      totalLimit: options.totalLimit ?? 20_000,
      byteLimit: options.byteLimit ?? 256 * 1024 * 1024,
      priceBump: options.priceBump ?? 10n,
    }
    this.head = this.chain.head('unsafe')
    this.unsubscribe = this.chain.onHead('unsafe', (block) => this.follow(block))
  }

  /** Follows the head no more. */
  stop(): void {
    this.unsubscribe()
  }

  async submit(raw: Uint8Array): Promise<Hex> {
    const transaction = readTransaction(raw, this.chainId)
    this.add(transaction)
    for (const listener of [...this.listeners]) listener(transaction)
    return transaction.hash
  }

  /** Calls the listener for every transaction that entered; returns the unsubscribe function. */
  onTransaction(listener: (transaction: SignedTransaction) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Transactions held: executable and waiting together. */
  get size(): number {
    return this.entries.size
  }

  byHash(hash: Hex): Transaction | undefined {
    return this.entries.get(hash)?.transaction
  }

  nextNonce(address: Address): bigint | undefined {
    const account = this.accounts.get(address)
    return account === undefined ? undefined : account.nonce + BigInt(account.executable())
  }

  content(): { pending: Transaction[]; queued: Transaction[] } {
    const pending: Transaction[] = []
    const queued: Transaction[] = []
    for (const account of this.accounts.values()) {
      const executable = account.executable()
      account.all().forEach(({ transaction }, index) => {
        ;(index < executable ? pending : queued).push(transaction)
      })
    }
    return { pending, queued }
  }

  /** For one block. What execution refuses leaves the pool at once; what it includes, when the block is the head. */
  source(): TransactionSource {
    const runs: PoolEntry[][] = []
    for (const account of this.accounts.values()) {
      const executable = account.executable()
      if (executable > 0) runs.push(account.all().slice(0, executable))
    }
    return new PoolSource(runs, (transaction) => this.drop(transaction))
  }

  /** Throws TransactionRejected; the pool is unchanged then. */
  private add(transaction: SignedTransaction): void {
    if (this.entries.has(transaction.hash)) throw new TransactionRejected('already known')
    const { header } = this.head.block
    const state = this.chain.headState()
    checkEnvelope(transaction, { gasLimit: header.gasLimit, baseFee: nextBaseFee(header) })
    const { nonce, balance } = checkSender(transaction, state)
    const account = this.accounts.get(transaction.sender) ?? new AccountQueue(nonce, balance)
    const cost = transactionCost(transaction, l1FeeParameters(state))
    checkBalance(balance, account.costBefore(transaction.nonce), cost)
    const held = account.at(transaction.nonce)
    if (held !== undefined) checkReplacement(transaction, held.transaction, this.limits.priceBump)
    else this.makeRoom(transaction, account)
    if (held !== undefined) this.drop(held.transaction)
    this.accounts.set(transaction.sender, account)
    const entry: PoolEntry = { transaction, cost, arrival: this.arrivals++ }
    account.put(entry)
    this.entries.set(transaction.hash, entry)
    this.bytes += transaction.raw.length
  }

  private makeRoom(transaction: SignedTransaction, account: AccountQueue): void {
    const { accountLimit, totalLimit, byteLimit } = this.limits
    if (account.size >= accountLimit) {
      throw new TransactionRejected(
        `account limit exceeded: ${transaction.sender} has ${account.size} transactions in the pool, limit ${accountLimit}`,
      )
    }
    while (this.entries.size >= totalLimit || this.bytes + transaction.raw.length > byteLimit) {
      this.dropCheapest(transaction)
    }
  }

  /** Drops one account's last transaction: the waiting one, else the executable one, that pays the lowest tip. */
  private dropCheapest(incoming: SignedTransaction): void {
    const baseFee = nextBaseFee(this.head.block.header)
    let worst: { transaction: SignedTransaction; tip: bigint; waiting: boolean } | undefined
    for (const account of this.accounts.values()) {
      const { transaction } = account.last()!
      const waiting = account.executable() < account.size
      const tip = effectiveTip(transaction, baseFee)
      if (worst === undefined || (waiting === worst.waiting ? tip < worst.tip : waiting))
        worst = { transaction, tip, waiting }
    }
    const tip = effectiveTip(incoming, baseFee)
    if (worst === undefined || worst.transaction.sender === incoming.sender || (!worst.waiting && worst.tip >= tip)) {
      throw new TransactionRejected(
        `txpool is full: the cheapest transaction in it pays a tip of ${worst?.tip} wei per gas, this one ${tip}`,
      )
    }
    this.drop(worst.transaction)
  }

  private drop({ hash, sender, nonce, raw }: SignedTransaction): void {
    if (!this.entries.delete(hash)) return
    this.bytes -= raw.length
    const account = this.accounts.get(sender)
    account?.remove(nonce)
    if (account?.size === 0) this.accounts.delete(sender)
  }

  /** A new head: included transactions leave. After a reorg every account is looked at again and lost inclusions return. */
  private follow(block: HashedBlock): void {
    if (block.hash === this.head.hash) return
    const isSuccessor = block.block.header.parentHash === this.head.hash
    this.head = block
    const senders = new Set<Address>()
    for (const transaction of this.chain.decodedTransactions(block.hash) ?? []) {
      if (transaction.type === DEPOSIT_TYPE) continue
      this.remember(transaction)
      senders.add(transaction.sender)
    }
    for (const sender of isSuccessor ? senders : [...this.accounts.keys()]) this.refresh(sender)
    if (!isSuccessor) this.restore()
  }

  private refresh(sender: Address): void {
    const queue = this.accounts.get(sender)
    if (queue === undefined) return
    const account = this.chain.headState().account(sender)
    for (const { transaction } of queue.advance(account?.nonce ?? 0n, account?.balance ?? 0n)) {
      if (this.entries.delete(transaction.hash)) this.bytes -= transaction.raw.length
    }
    if (queue.size === 0) this.accounts.delete(sender)
  }

  private remember(transaction: SignedTransaction): void {
    this.included.set(transaction.hash, transaction)
    if (this.included.size <= REMEMBERED_INCLUSIONS) return
    const oldest = this.included.keys().next()
    if (!oldest.done) this.included.delete(oldest.value)
  }

  /** Puts back what was included in blocks that are no more. What is still included, or can stand no more, is rightly refused. */
  private restore(): void {
    const candidates = [...this.included.values()].sort((a, b) => (a.nonce < b.nonce ? -1 : a.nonce > b.nonce ? 1 : 0))
    for (const transaction of candidates) {
      try {
        this.add(transaction)
        this.included.delete(transaction.hash)
      } catch (error) {
        if (!(error instanceof TransactionRejected)) throw error
      }
    }
  }
}
