/** An L1 in memory: blocks are mined by hand, with the batcher's transactions, logs and blobs that a test wants. */
import { createHash } from 'node:crypto'
import type { Hex } from 'viem'
import type { ChainConfig } from '../../../genesis/chain-config.ts'
import { TemporaryError } from '../../errors.ts'
import type { Log } from '../../execution/block.ts'
import { bytesToHex } from '../../execution/bytes.ts'
import type { L1Block, L1BlockRef, L1Receipt, L1Source, L1Transaction } from '../../l1/source.ts'

export type MinedContent = {
  transactions?: Partial<L1Transaction>[]
  logs?: Log[]
  /** Seconds after the block before; 12 by default. */
  after?: bigint
}

type Entry = { block: L1Block; transactions: L1Transaction[]; receipts: L1Receipt[] }

const digest = (...parts: (string | Uint8Array)[]): Hex => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return bytesToHex(hash.digest())
}

export class MemoryL1 implements L1Source {
  readonly #config: ChainConfig
  readonly #blobs = new Map<Hex, Uint8Array>()
  #chain: Entry[]
  readonly #byHash = new Map<Hex, Entry>()
  /** Set to make every question fail. */
  isDown = false
  #salt = 0

  constructor(config: ChainConfig) {
    this.#config = config
    const { hash, number } = config.genesis.l1
    const timestamp = BigInt(config.genesis.l2Time)
    this.#chain = [
      { block: blockOf(hash, BigInt(number), digest('before'), timestamp), transactions: [], receipts: [] },
    ]
    this.#byHash.set(hash, this.#chain[0]!)
  }

  get head(): L1Block {
    return this.#chain.at(-1)!.block
  }

  mine({ transactions = [], logs = [], after = 12n }: MinedContent = {}): L1Block {
    const parent = this.head
    const number = parent.number + 1n
    const block = blockOf(digest(parent.hash, `${number} ${this.#salt}`), number, parent.hash, parent.timestamp + after)
    const filled = transactions.map((transaction, index) => this.#fill(block, transaction, index))
    const receipts = logs.map((log, index) => ({
      transactionHash: digest(block.hash, `log ${index}`),
      succeeded: true,
      logs: [log],
    }))
    const entry = { block, transactions: filled, receipts }
    this.#chain.push(entry)
    this.#byHash.set(block.hash, entry)
    return block
  }

  /** Puts a transaction into a block that is mined already; its hash stays, so that L2 blocks may have it for origin. */
  addTo(number: bigint, transaction: Partial<L1Transaction>): void {
    const entry = this.#chain.find(({ block }) => block.number === number)!
    entry.transactions.push(this.#fill(entry.block, transaction, entry.transactions.length))
  }

  #fill(block: L1Block, transaction: Partial<L1Transaction>, index: number): L1Transaction {
    return {
      hash: digest(block.hash, `transaction ${index}`),
      from: this.#config.genesis.systemConfig.batcherAddr,
      to: this.#config.batchInboxAddress,
      type: 2,
      input: new Uint8Array(0),
      blobVersionedHashes: [],
      ...transaction,
    }
  }

  /** A transaction of the batcher that carries these blobs. */
  blobTransaction(blobs: Uint8Array[]): Partial<L1Transaction> {
    const blobVersionedHashes = blobs.map((blob) => {
      const hash = digest(blob)
      this.#blobs.set(hash, blob)
      return hash
    })
    return { type: 3, blobVersionedHashes }
  }

  /** Forgets the blocks above `number`; blocks mined next have other hashes. */
  rollBack(number: bigint): void {
    for (const { block } of this.#chain) if (block.number > number) this.#byHash.delete(block.hash)
    this.#chain = this.#chain.filter(({ block }) => block.number <= number)
    this.#salt++
  }

  async blockByTag(): Promise<L1Block> {
    this.#checkUp()
    return this.head
  }

  async blockByNumber(number: bigint): Promise<L1Block | undefined> {
    this.#checkUp()
    return this.#chain[Number(number - this.#chain[0]!.block.number)]?.block
  }

  async blockByHash(hash: Hex): Promise<L1Block | undefined> {
    this.#checkUp()
    return this.#byHash.get(hash)?.block
  }

  async transactions(hash: Hex): Promise<L1Transaction[]> {
    return this.#entry(hash).transactions
  }

  async receipts(hash: Hex): Promise<L1Receipt[]> {
    return this.#entry(hash).receipts
  }

  async blobs(_: L1BlockRef, versionedHashes: Hex[]): Promise<Uint8Array[]> {
    this.#checkUp()
    return versionedHashes.map((hash) => this.#blobs.get(hash)!)
  }

  #entry(hash: Hex): Entry {
    this.#checkUp()
    const entry = this.#byHash.get(hash)
    if (entry === undefined) throw new TemporaryError(`no L1 block ${hash}`)
    return entry
  }

  #checkUp(): void {
    if (this.isDown) throw new TemporaryError('L1 is down')
  }
}

function blockOf(hash: Hex, number: bigint, parentHash: Hex, timestamp: bigint): L1Block {
  return {
    hash,
    number,
    parentHash,
    timestamp,
    baseFeePerGas: 7n * number,
    blobBaseFee: number,
    mixHash: digest(hash, 'randao'),
    parentBeaconBlockRoot: digest(hash, 'beacon'),
  }
}
