/** Blocks as plain data: the Ethereum header with the OP Stack's meanings to Jovian, and raw transactions. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'

/**
 * Header to Jovian (specs.optimism.io: Canyon … Jovian, exec-engine). No ommers: ommersHash, difficulty and nonce are constants.
 * `blobGasUsed` is the data-availability footprint, `withdrawalsRoot` the storage root of
 * L2ToL1MessagePasser, `requestsHash` sha256 of nothing, `extraData` version 1 ‖ denominator u32 ‖ elasticity u32 ‖ minBaseFee u64.
 */
export type Header = {
  parentHash: Hex
  /** Fee recipient ("coinbase"). */
  beneficiary: Address
  stateRoot: Hex
  transactionsRoot: Hex
  receiptsRoot: Hex
  /** 256 bytes. */
  logsBloom: Hex
  number: bigint
  gasLimit: bigint
  gasUsed: bigint
  /** Seconds since 1970. */
  timestamp: bigint
  extraData: Hex
  /** prevRandao of the L1 origin. */
  mixHash: Hex
  baseFeePerGas: bigint
  withdrawalsRoot: Hex
  blobGasUsed: bigint
  excessBlobGas: bigint
  parentBeaconBlockRoot: Hex
  requestsHash: Hex
}

export type Block = {
  header: Header
  /** EIP-2718 envelopes in block order; deposits (0x7E) first. */
  transactions: Uint8Array[]
}

/** A block together with what is costly to compute again. */
export type HashedBlock = {
  hash: Hex
  block: Block
}

export type Log = {
  address: Address
  topics: Hex[]
  data: Uint8Array
}

/** Receipt of one transaction, with the OP Stack's extensions. */
export type Receipt = {
  type: number
  transactionHash: Hex
  from: Address
  /** Absent when the transaction creates a contract. */
  to: Address | undefined
  contractAddress: Address | undefined
  succeeded: boolean
  cumulativeGasUsed: bigint
  gasUsed: bigint
  effectiveGasPrice: bigint
  logs: Log[]
  /** L1 data fee in wei of OPEN; 0 for deposits. */
  l1Fee: bigint
  operatorFee: bigint
  /** Data-availability footprint of this transaction (Jovian), in gas. */
  daFootprint: bigint
  /** Deposits: the sender's nonce before execution (Canyon: depositReceiptVersion 1). */
  depositNonce: bigint | undefined
}

/**
 * What a block is to be built from: the engine API's PayloadAttributesV3 with the OP Stack's fields to Jovian.
 * The sequencer makes them from its L1 view, a verifier from derivation; `executeBlock` takes both alike.
 */
export type PayloadAttributes = {
  timestamp: bigint
  prevRandao: Hex
  suggestedFeeRecipient: Address
  parentBeaconBlockRoot: Hex
  gasLimit: bigint
  /** Holocene: denominator u32 ‖ elasticity u32. */
  eip1559Params: Hex
  /** Jovian. */
  minBaseFee: bigint
  /** Transactions that come first whatever the pool holds. */
  transactions: Uint8Array[]
  /** True: these transactions and no others (derivation). False: the sequencer may add from its pool. */
  noTxPool: boolean
}

/** Where an L2 block stands between its neighbours and its L1 origin (op-node's L2BlockRef). */
export type L2BlockRef = {
  hash: Hex
  number: bigint
  parentHash: Hex
  timestamp: bigint
  l1Origin: { hash: Hex; number: bigint }
  /** Distance to the first block of the L1 epoch. */
  sequenceNumber: bigint
}
