/**
 * Stage 2: the payloads of a block's batcher transactions, in order: calldata, or the data of each blob
 * (specs.optimism.io, "Derivation", L1 Retrieval; "Ecotone: Blob Retrieval").
 */
import type { ChainConfig } from '../../genesis/chain-config.ts'
import type { L1BlockRef, L1Source, L1Transaction } from '../l1/source.ts'
import { decodeBlob } from './blob.ts'
import type { TraversedBlock } from './l1-traversal.ts'
import { MalformedError } from './malformed.ts'
import type { OnDropped, Stage } from './stage.ts'

const BLOB_TYPE = 3
/** Types that may carry batches: 0 to 3, and deposits for chains whose L1 is itself an OP chain. */
const ALLOWED_TYPES = new Set([0, 1, 2, BLOB_TYPE, 0x7e])

export class L1Retrieval implements Stage<Uint8Array> {
  readonly #config: ChainConfig
  readonly #l1: L1Source
  readonly #previous: Stage<TraversedBlock>
  readonly #onDropped: OnDropped
  /** A block that was pulled and whose data could not be fetched yet. */
  #pulled: TraversedBlock | undefined
  #payloads: Uint8Array[] = []

  constructor(
    modules: { config: ChainConfig; l1: L1Source; previous: Stage<TraversedBlock> },
    options: { onDropped: OnDropped },
  ) {
    this.#config = modules.config
    this.#l1 = modules.l1
    this.#previous = modules.previous
    this.#onDropped = options.onDropped
  }

  get origin(): L1BlockRef {
    return this.#previous.origin
  }

  async next(): Promise<Uint8Array | undefined> {
    while (this.#payloads.length === 0) {
      this.#pulled ??= await this.#previous.next()
      if (this.#pulled === undefined) return undefined
      this.#payloads = await this.#fetch(this.#pulled)
      this.#pulled = undefined
    }
    return this.#payloads.shift()
  }

  async #fetch({ block, systemConfig }: TraversedBlock): Promise<Uint8Array[]> {
    const transactions = (await this.#l1.transactions(block.hash)).filter(
      (transaction) =>
        transaction.to === this.#config.batchInboxAddress &&
        transaction.from === systemConfig.batcherAddr &&
        ALLOWED_TYPES.has(transaction.type),
    )
    const hashes = transactions.flatMap((transaction) =>
      transaction.type === BLOB_TYPE ? transaction.blobVersionedHashes : [],
    )
    const blobs = hashes.length === 0 ? [] : await this.#l1.blobs(block, hashes)
    let used = 0
    return transactions.flatMap((transaction) => {
      if (transaction.type !== BLOB_TYPE) return [transaction.input]
      const own = blobs.slice(used, used + transaction.blobVersionedHashes.length)
      used += own.length
      return own.flatMap((blob) => this.#decode(transaction, blob))
    })
  }

  #decode(transaction: L1Transaction, blob: Uint8Array): Uint8Array[] {
    try {
      return [decodeBlob(blob)]
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      this.#onDropped('l1-retrieval', `blob of ${transaction.hash}: ${error.message}`)
      return []
    }
  }

  reset(): void {
    this.#pulled = undefined
    this.#payloads = []
  }
}
