/**
 * An L1 account that sends one transaction at a time and sees each through: it waits for the receipt, and where none
 * comes, sends the same nonce again with higher fees: by what pools ask of a replacement, and no less than L1 asks by then.
 * A transaction of an earlier life that is still pending is replaced the same way.
 */
import {
  BaseError,
  createPublicClient,
  fallback,
  type Hex,
  HttpRequestError,
  http,
  keccak256,
  type PublicClient,
  TimeoutError,
  type TransactionReceipt,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Address } from '../genesis/addresses.ts'
import { type Clock, systemClock } from '../node/chain/clock.ts'
import { CriticalError, TemporaryError } from '../node/errors.ts'
import { type BlobSidecar, wrapBlobTransaction } from './blob-transaction.ts'

export type L1WalletOptions = {
  /** URLs of L1 nodes, in order of preference. */
  l1Rpc: string[]
  privateKey: Hex
  l1ChainId: number
  /** Milliseconds between looks for the receipt. Default 1000. */
  pollInterval?: number
  /** Milliseconds without a receipt after which fees are raised. Default 48,000: four L1 blocks. */
  resubmitAfter?: number
  /** Most wei per gas, and per unit of blob gas. Default 500 gwei. */
  maxFee?: bigint
  clock?: Clock
}

export type L1Message = { to: Address; data?: Hex; sidecar?: BlobSidecar }

/** What L1 says of a nonce. */
type Sighting = TransactionReceipt | 'pending' | 'nonce ahead' | 'nonce used' | 'unanswered'
type Submission = { hash: Hex; outcome: 'sent' | 'perhaps sent' | 'underpriced' }

/** The account has a transaction of the other kind (with blobs, or without) pending, which only its own kind can replace. */
export class OtherKindPendingError extends TemporaryError {
  override name = 'OtherKindPendingError'
}

type Fees = { tip: bigint; maxFee: bigint; maxBlobFee: bigint }

/** Milliseconds for one answer: a node checks the proofs of a blob transaction before it answers. */
const REQUEST_TIMEOUT = 30_000
const GWEI = 1_000_000_000n
const MIN_TIP = GWEI / 10n
/** What a pool that already holds a transaction of this nonce, or has mined it, says; not faults. */
const UNDERPRICED = /underpriced|replacement|fee too low/i
/** geth keeps blob transactions in a pool of their own, and an account in one pool only. */
const OTHER_KIND = /already reserved/i
const KNOWN = /already known|already imported/i
const NONCE_USED = /nonce too low|nonce is too low|lower than the current nonce/i
/** What a replacement must offer of every fee of the one before, in percent: geth's blob pool 200, its other pool 110. */
const BLOB_RAISE = 200n
const PLAIN_RAISE = 125n
/** Raises that take 1 gwei to above any maxFee. */
const MAX_ATTEMPTS = 40

export class L1Wallet {
  readonly account: PrivateKeyAccount
  readonly client: PublicClient
  readonly #options: Required<Omit<L1WalletOptions, 'privateKey' | 'l1Rpc'>>

  constructor(options: L1WalletOptions) {
    const { privateKey, l1Rpc, ...rest } = options
    this.account = privateKeyToAccount(privateKey)
    this.client = createPublicClient({
      transport: fallback(
        l1Rpc.map((url) => http(url, { retryCount: 0, timeout: REQUEST_TIMEOUT })),
        { retryCount: 1 },
      ),
      cacheTime: 0,
    })
    this.#options = {
      pollInterval: 1000,
      resubmitAfter: 48_000,
      maxFee: 500n * GWEI,
      clock: systemClock,
      ...withoutAbsent(rest),
    }
  }

  /**
   * Resolves with the receipt, succeeded or not. Throws a TemporaryError where L1 is out of reach, the fee cap is
   * reached, another transaction took the nonce, or the signal aborts; a CriticalError where the account has no funds.
   */
  async send(message: L1Message, signal: AbortSignal): Promise<TransactionReceipt> {
    const nonce = await this.ask('nonce', () => this.client.getTransactionCount({ address: this.account.address }))
    const gas = await this.#gas(message)
    const tried: Hex[] = []
    let fees = await this.#fees()
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { hash, outcome } = await this.#submit(message, nonce, gas, fees)
      tried.push(hash)
      if (outcome !== 'underpriced') {
        const receipt = await this.#awaitReceipt(tried, nonce, signal)
        if (receipt !== undefined) return receipt
      }
      if (signal.aborted) throw new TemporaryError('stopped while waiting for an L1 receipt')
      fees = await this.#raised(fees, message.sidecar === undefined ? PLAIN_RAISE : BLOB_RAISE)
    }
    throw new TemporaryError(`L1 transaction of nonce ${nonce} was not mined after ${MAX_ATTEMPTS} tries`)
  }

  /** Number of the latest L1 block. */
  head(): Promise<bigint> {
    return this.ask('head', () => this.client.getBlockNumber())
  }

  async #gas({ to, data, sidecar }: L1Message): Promise<bigint> {
    if (sidecar !== undefined) return 21_000n
    try {
      const estimate = await this.client.estimateGas({ account: this.account.address, to, data })
      return (estimate * 6n) / 5n
    } catch (error) {
      throw new TemporaryError(`L1 would refuse the call to ${to}: ${reasonOf(error)}`)
    }
  }

  async #fees(): Promise<Fees> {
    const [block, tip, blobFee] = await this.ask('fees', () =>
      Promise.all([this.client.getBlock(), this.client.estimateMaxPriorityFeePerGas(), this.client.getBlobBaseFee()]),
    )
    const atLeast = tip > MIN_TIP ? tip : MIN_TIP
    return { tip: atLeast, maxFee: 2n * (block.baseFeePerGas ?? 0n) + atLeast, maxBlobFee: 2n * blobFee + GWEI }
  }

  /** What L1 charges now, in wei: per gas with the tip that gets in, and per unit of blob gas. */
  async prices(): Promise<{ gas: bigint; blobGas: bigint }> {
    const { tip, maxFee, maxBlobFee } = await this.#fees()
    return { gas: (maxFee - tip) / 2n + tip, blobGas: (maxBlobFee - GWEI) / 2n }
  }

  /** A pool looks at each fee by itself, so all of them rise, to L1's present ones at least. */
  async #raised(fees: Fees, percent: bigint): Promise<Fees> {
    const cap = this.#options.maxFee
    const now = await this.#fees()
    const raise = (fee: bigint, least: bigint) => {
      const raised = (fee * percent + 99n) / 100n
      return raised > least ? raised : least
    }
    const raised = {
      tip: raise(fees.tip, now.tip),
      maxFee: raise(fees.maxFee, now.maxFee),
      maxBlobFee: raise(fees.maxBlobFee, now.maxBlobFee),
    }
    if (raised.maxFee > cap || raised.maxBlobFee > cap)
      throw new TemporaryError(
        `L1 fees of ${fees.maxFee} wei (blobs ${fees.maxBlobFee}) cannot rise to ${raised.maxFee} (${raised.maxBlobFee}): the cap is ${cap}`,
      )
    return raised
  }

  async #submit(message: L1Message, nonce: number, gas: bigint, fees: Fees): Promise<Submission> {
    const { to, data, sidecar } = message
    const common = {
      chainId: this.#options.l1ChainId,
      nonce,
      gas,
      to,
      data,
      maxFeePerGas: fees.maxFee,
      maxPriorityFeePerGas: fees.tip,
    }
    const signed =
      sidecar === undefined
        ? await this.account.signTransaction({ ...common, type: 'eip1559' })
        : await this.account.signTransaction({
            ...common,
            type: 'eip4844',
            maxFeePerBlobGas: fees.maxBlobFee,
            blobVersionedHashes: sidecar.versionedHashes,
          })
    const serializedTransaction = sidecar === undefined ? signed : wrapBlobTransaction(signed, sidecar)
    const hash = keccak256(signed)
    try {
      await this.client.sendRawTransaction({ serializedTransaction })
      return { hash, outcome: 'sent' }
    } catch (error) {
      return { hash, outcome: this.#outcomeOf(error) }
    }
  }

  /** What a refusal means. Whether a transaction of this nonce is mined is then asked, so none is sent twice. */
  #outcomeOf(error: unknown): 'perhaps sent' | 'underpriced' {
    const reason = reasonOf(error)
    if (OTHER_KIND.test(reason)) throw new OtherKindPendingError(`L1 did not take the transaction: ${reason}`)
    if (UNDERPRICED.test(reason)) return 'underpriced'
    if (KNOWN.test(reason) || NONCE_USED.test(reason) || isUnanswered(error)) return 'perhaps sent'
    if (/insufficient funds/i.test(reason))
      throw new CriticalError(`L1 account ${this.account.address} cannot pay for its transaction: ${reason}`)
    throw new TemporaryError(`L1 did not take the transaction: ${reason}`)
  }

  /**
   * The receipt of any of the transactions; undefined when it is time for higher fees. Patient with a node that counts
   * the nonce before it has the receipt, or does not answer for a while: giving up would send everything twice.
   */
  async #awaitReceipt(sent: Hex[], nonce: number, signal: AbortSignal): Promise<TransactionReceipt | undefined> {
    const { clock, pollInterval, resubmitAfter } = this.#options
    const until = clock.now() + resubmitAfter
    let seen: Sighting = 'pending'
    do {
      seen = await this.#look(sent, nonce)
      if (typeof seen === 'object') return seen
      await clock.wait(pollInterval, signal)
    } while (!signal.aborted && clock.now() < until)
    // L1 took back transactions of nonces before: no fee will get this one mined.
    if (seen === 'nonce ahead') throw new TemporaryError(`L1 was reorganized: nonce ${nonce} is not next any more`)
    if (seen === 'nonce used') throw new TemporaryError(`L1 nonce ${nonce} was used by another transaction`)
    return undefined
  }

  async #look(sent: Hex[], nonce: number): Promise<Sighting> {
    try {
      const next = await this.client.getTransactionCount({ address: this.account.address })
      if (next <= nonce) return next === nonce ? 'pending' : 'nonce ahead'
    } catch (error) {
      return unlessDefect(error, 'unanswered')
    }
    for (const hash of sent) {
      try {
        return await this.client.getTransactionReceipt({ hash })
      } catch (error) {
        // viem throws where there is no receipt; the next of ours may have one.
        unlessDefect(error, 'unanswered')
      }
    }
    return 'nonce used'
  }

  /** Any question to L1 through `client`, failing with a TemporaryError. */
  async ask<T>(what: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      throw new TemporaryError(`L1 ${what}: ${reasonOf(error)}`)
    }
  }
}

/** viem's errors carry the node's own words in `details`; the long message repeats the whole blob. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const details = 'details' in error && typeof error.details === 'string' ? error.details : ''
  return details || error.message
}

const reasonOf = (error: unknown) => wordsOf(error).slice(0, 300)

/** The answer for what viem could not ask or L1 did not have; other errors are our own defects. */
function unlessDefect<T>(error: unknown, answer: T): T {
  if (error instanceof BaseError) return answer
  throw error
}

/** The connection failed or the time was up: the node may have taken the transaction. */
function isUnanswered(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk((cause) => cause instanceof TimeoutError || cause instanceof HttpRequestError) !== null
  )
}

/** An option that is given as undefined means its default. */
function withoutAbsent<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
