/** What the chain needs from L1, already checked against hashes by whoever serves it. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import type { Log } from '../execution/block.ts'

export type L1BlockRef = { hash: Hex; number: bigint; parentHash: Hex; timestamp: bigint }

export type L1Block = L1BlockRef & {
  baseFeePerGas: bigint
  /** Fee per unit of blob gas, computed from excessBlobGas by the L1's own schedule. */
  blobBaseFee: bigint
  /** prevRandao. */
  mixHash: Hex
  /** Zero where L1 has none. */
  parentBeaconBlockRoot: Hex
}

export type L1Transaction = {
  hash: Hex
  from: Address
  to: Address | undefined
  type: number
  input: Uint8Array
  /** EIP-4844; empty for other types. */
  blobVersionedHashes: Hex[]
}

export type L1Receipt = { transactionHash: Hex; succeeded: boolean; logs: Log[] }

/** `undefined` means "no such block (yet)"; a failing endpoint throws a TemporaryError. */
export interface L1Source {
  blockByTag(tag: 'latest' | 'safe' | 'finalized'): Promise<L1Block | undefined>
  blockByNumber(number: bigint): Promise<L1Block | undefined>
  blockByHash(hash: Hex): Promise<L1Block | undefined>
  transactions(hash: Hex): Promise<L1Transaction[]>
  receipts(hash: Hex): Promise<L1Receipt[]>
  /** Blobs of 131,072 bytes in the order of the versioned hashes, each checked against its hash. */
  blobs(block: L1BlockRef, versionedHashes: Hex[]): Promise<Uint8Array[]>
}
