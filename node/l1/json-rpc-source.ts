/**
 * L1 over Ethereum JSON-RPC (execution-apis) and the Beacon API, trusting neither: a header must have the hash it is
 * known by, transactions and receipts its roots, blobs their versioned hashes. What fails a check counts as the
 * endpoint's failure, and the next endpoint is asked. Which block is canonical remains the endpoint's word.
 */
import type { Hex } from 'viem'
import { z } from 'zod'
import { TemporaryError } from '../errors.ts'
import { Beacon, type BlobId } from './beacon.ts'
import { type BlobSchedule, blobBaseFee, blobScheduleOf } from './blob-base-fee.ts'
import { BoundedCache } from './bounded-cache.ts'
import { EndpointPool, type Fetch, type OnFailure } from './endpoint-pool.ts'
import { type L1Header, l1HeaderHash, l1HeaderSchema } from './l1-header.ts'
import { checkedReceipts, l1ReceiptSchema } from './l1-receipts.ts'
import { checkedTransactions, l1TransactionSchema } from './l1-transactions.ts'
import type { L1Block, L1BlockRef, L1Receipt, L1Source, L1Transaction } from './source.ts'

export type JsonRpcL1Options = {
  /** URLs of execution nodes, at least one, in order of preference. */
  rpc: string[]
  /** URLs of beacon nodes; anvil's own URL where it is the L1. */
  beacon: string[]
  /** What names a block to the beacon API: 'slot' on Ethereum (default), 'block-number' on anvil. */
  blobId?: BlobId
  /** Chooses the blob fee schedule; other chains than Ethereum's may give their own. */
  l1ChainId?: number
  blobSchedule?: BlobSchedule
  /** Milliseconds for one answer; default 10,000. */
  timeout?: number
  /** Default 64 MiB. */
  maxResponseBytes?: number
}

const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`
const CACHED_HEADERS = 2048
const CACHED_BODIES = 64

const fullBlockSchema = z.object({ transactions: z.array(l1TransactionSchema) })

export class JsonRpcL1Source implements L1Source {
  readonly #rpc: EndpointPool
  readonly #beacon: Beacon
  readonly #schedule: BlobSchedule
  readonly #headers = new BoundedCache<Hex, L1Header | undefined>(CACHED_HEADERS)
  readonly #transactions = new BoundedCache<Hex, L1Transaction[]>(CACHED_BODIES)
  readonly #receipts = new BoundedCache<Hex, L1Receipt[]>(CACHED_BODIES)

  /** `modules.fetch` stands in for the network in tests. */
  constructor(
    options: JsonRpcL1Options,
    { fetch = globalThis.fetch, onFailure }: { fetch?: Fetch; onFailure?: OnFailure | undefined } = {},
  ) {
    const limits = {
      timeout: options.timeout ?? 10_000,
      maxResponseBytes: options.maxResponseBytes ?? 64 * 1024 * 1024,
    }
    const modules = onFailure === undefined ? { fetch } : { fetch, onFailure }
    this.#rpc = new EndpointPool(modules, { urls: options.rpc, ...limits })
    this.#beacon = new Beacon(
      { pool: new EndpointPool(modules, { urls: options.beacon, ...limits }) },
      { blobId: options.blobId ?? 'slot', l1ChainId: options.l1ChainId },
    )
    this.#schedule = options.blobSchedule ?? blobScheduleOf(options.l1ChainId ?? 1)
  }

  async blockByTag(tag: 'latest' | 'safe' | 'finalized'): Promise<L1Block | undefined> {
    return this.#toBlock(await this.#rpc.call('eth_getBlockByNumber', [tag, false], readHeader))
  }

  async blockByNumber(number: bigint): Promise<L1Block | undefined> {
    const header = await this.#rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false], (result) => {
      const answer = readHeader(result)
      if (answer !== undefined && answer.number !== number)
        throw new Error(`asked for block ${number}, got ${answer.number}`)
      return answer
    })
    return this.#toBlock(header)
  }

  async blockByHash(hash: Hex): Promise<L1Block | undefined> {
    return this.#toBlock(await this.#header(hash))
  }

  transactions(hash: Hex): Promise<L1Transaction[]> {
    return this.#transactions.load(hash, async () => {
      const { transactionsRoot } = await this.#knownHeader(hash)
      return this.#rpc.call('eth_getBlockByHash', [hash, true], (result) =>
        checkedTransactions(fullBlockSchema.parse(result).transactions, transactionsRoot),
      )
    })
  }

  receipts(hash: Hex): Promise<L1Receipt[]> {
    return this.#receipts.load(hash, async () => {
      const { receiptsRoot } = await this.#knownHeader(hash)
      return this.#rpc.call('eth_getBlockReceipts', [hash], (result) =>
        checkedReceipts(z.array(l1ReceiptSchema).parse(result), receiptsRoot),
      )
    })
  }

  blobs(block: L1BlockRef, versionedHashes: Hex[]): Promise<Uint8Array[]> {
    return versionedHashes.length === 0 ? Promise.resolve([]) : this.#beacon.blobs(block, versionedHashes)
  }

  #header(hash: Hex): Promise<L1Header | undefined> {
    return this.#headers.load(hash, () =>
      this.#rpc.call('eth_getBlockByHash', [hash, false], (result) => {
        const header = readHeader(result)
        if (header !== undefined && header.hash !== hash) throw new Error(`asked for block ${hash}, got ${header.hash}`)
        return header
      }),
    )
  }

  async #knownHeader(hash: Hex): Promise<L1Header> {
    const header = await this.#header(hash)
    if (header === undefined) throw new TemporaryError(`L1 block ${hash} is not there`)
    return header
  }

  #toBlock(header: L1Header | undefined): L1Block | undefined {
    if (header === undefined) return undefined
    this.#headers.set(header.hash, header)
    return {
      hash: header.hash,
      number: header.number,
      parentHash: header.parentHash,
      timestamp: header.timestamp,
      baseFeePerGas: header.baseFeePerGas ?? 0n,
      blobBaseFee: blobBaseFee(this.#schedule, header.timestamp, header.excessBlobGas ?? 0n),
      mixHash: header.mixHash,
      parentBeaconBlockRoot: header.parentBeaconBlockRoot ?? ZERO_HASH,
    }
  }
}

/** undefined for null: no such block. Throws an Error where the fields do not hash to the hash. */
function readHeader(result: unknown): L1Header | undefined {
  if (result === null) return undefined
  const header = l1HeaderSchema.parse(result)
  const computed = l1HeaderHash(header)
  if (computed !== header.hash)
    throw new Error(
      `header of block ${header.number} hashes to ${computed}, not ${header.hash} (a newer fork's header?)`,
    )
  return header
}
