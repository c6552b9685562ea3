/**
 * An L1 in memory for tests: mine blocks with receipts, transactions and blobs, cut them off again, move the
 * finalized block, let the endpoint fail. Implements the whole of L1Source; nothing is random.
 */
import { bytesToHex, type Hex, stringToBytes } from 'viem'
import { keccak256 } from '../../../protocol/keccak.ts'
import { TemporaryError } from '../../errors.ts'
import type { L1Block, L1BlockRef, L1Receipt, L1Source, L1Transaction } from '../../l1/source.ts'

const ZERO: Hex = `0x${'00'.repeat(32)}`

export type MinedContents = {
  /** Seconds; the default is 12 s after the parent. */
  timestamp?: bigint
  transactions?: L1Transaction[]
  receipts?: L1Receipt[]
  blobs?: Map<Hex, Uint8Array>
}

type Mined = { block: L1Block; transactions: L1Transaction[]; receipts: L1Receipt[]; blobs: Map<Hex, Uint8Array> }

export class MemoryL1 implements L1Source {
  /** While set, every question fails with a TemporaryError of this message. */
  failure: string | undefined
  finalizedNumber = 0n
  private canonical: Mined[] = []
  private readonly byHash = new Map<Hex, Mined>()
  private branch = 0

  constructor(genesisTimestamp: bigint) {
    this.mine({ timestamp: genesisTimestamp })
  }

  get head(): L1Block {
    return this.canonical.at(-1)!.block
  }

  block(number: bigint): L1Block {
    const mined = this.canonical[Number(number)]
    if (mined === undefined) throw new Error(`no L1 block ${number}`)
    return mined.block
  }

  mine(contents: MinedContents = {}): L1Block {
    const parent = this.canonical.at(-1)?.block
    const number = BigInt(this.canonical.length)
    const timestamp = contents.timestamp ?? (parent === undefined ? 0n : parent.timestamp + 12n)
    const hash = digest(`l1 ${this.branch} ${number} ${timestamp} ${parent?.hash}`)
    const block: L1Block = {
      hash,
      number,
      parentHash: parent?.hash ?? ZERO,
      timestamp,
      baseFeePerGas: 7n,
      blobBaseFee: 1n,
      mixHash: digest(`randao ${hash}`),
      parentBeaconBlockRoot: digest(`beacon ${hash}`),
    }
    const mined = {
      block,
      transactions: contents.transactions ?? [],
      receipts: contents.receipts ?? [],
      blobs: contents.blobs ?? new Map<Hex, Uint8Array>(),
    }
    this.canonical.push(mined)
    this.byHash.set(hash, mined)
    return block
  }

  /** Cuts off the newest blocks; blocks mined afterwards have other hashes. Cut blocks stay known by hash, as on real nodes. */
  cut(count: number): void {
    this.canonical.splice(this.canonical.length - count, count)
    this.branch++
  }

  async blockByTag(tag: 'latest' | 'safe' | 'finalized'): Promise<L1Block | undefined> {
    this.ask()
    return tag === 'finalized' ? this.canonical[Number(this.finalizedNumber)]?.block : this.head
  }

  async blockByNumber(number: bigint): Promise<L1Block | undefined> {
    this.ask()
    return this.canonical[Number(number)]?.block
  }

  async blockByHash(hash: Hex): Promise<L1Block | undefined> {
    this.ask()
    return this.byHash.get(hash)?.block
  }

  async transactions(hash: Hex): Promise<L1Transaction[]> {
    return this.mined(hash).transactions
  }

  async receipts(hash: Hex): Promise<L1Receipt[]> {
    return this.mined(hash).receipts
  }

  async blobs(block: L1BlockRef, versionedHashes: Hex[]): Promise<Uint8Array[]> {
    const { blobs } = this.mined(block.hash)
    return versionedHashes.map((hash) => {
      const blob = blobs.get(hash)
      if (blob === undefined) throw new TemporaryError(`L1 block ${block.number} has no blob ${hash}`)
      return blob
    })
  }

  private mined(hash: Hex): Mined {
    this.ask()
    const mined = this.byHash.get(hash)
    if (mined === undefined) throw new TemporaryError(`no L1 block ${hash}`)
    return mined
  }

  private ask(): void {
    if (this.failure !== undefined) throw new TemporaryError(this.failure)
  }
}

function digest(text: string): Hex {
  return bytesToHex(keccak256(stringToBytes(text)))
}
