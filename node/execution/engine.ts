/**
 * What execution needs from an EVM, whichever runs: one message at a time over the overlay. Validity, fees, nonces
 * and refunds are execution's own business; opcodes, precompiles, access sets and native calls are the engine's.
 */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import type { Log } from './block.ts'
import type { NativeContracts } from './native.ts'
import type { Rules } from './rules.ts'
import type { StateOverlay } from './state-overlay.ts'
import type { AccessListItem } from './transaction.ts'
import type { WorkMeter } from './work-meter.ts'

/** What code can learn about the block that it runs in. */
export type EngineBlock = {
  number: bigint
  timestamp: bigint
  beneficiary: Address
  gasLimit: bigint
  /** 0n before EIP-1559. */
  baseFeePerGas: bigint
  prevRandao: Hex
  /** Before the merge, where there is no prevRandao yet; 0n where absent. */
  difficulty?: bigint
  /** Wei per unit of blob gas; 1n where absent: a layer 2 has no blobs. */
  blobBaseFee?: bigint
}

export type EngineMessage = {
  /** Sender and origin. Its nonce has already been counted up. */
  caller: Address
  /** Absent: `data` is init code; the created address follows from the caller's nonce less one. */
  to: Address | undefined
  /** Wei; the caller holds it. */
  value: bigint
  data: Uint8Array
  /** Without the intrinsic gas. */
  gasLimit: bigint
  /** Effective price per gas, for GASPRICE. */
  gasPrice: bigint
  accessList: AccessListItem[]
  /** Further addresses that start warm (EIP-7702 authorities). */
  warmAddresses: Address[]
  /** Versioned hashes of the transaction's blobs (EIP-4844). */
  blobHashes?: Hex[]
}

/** Why a message failed: 'revert' gives its gas back, everything else has used it up. */
export type EngineResult = {
  /** Absent where it succeeded; else 'revert', 'out of gas', 'invalid opcode' … */
  failure: string | undefined
  gasUsed: bigint
  /** Refund counter (EIP-3529), not yet capped; 0n where it failed. */
  refund: bigint
  returnData: Uint8Array
  logs: Log[]
  createdAddress: Address | undefined
}

export interface Engine {
  /** Runs one message on the overlay, its changes kept where it succeeds and undone where it fails. Nothing waits: state is in reach. */
  run(message: EngineMessage): EngineResult
}

export type EngineParameters = {
  rules: Rules
  chainId: bigint
  natives: NativeContracts
  overlay: StateOverlay
  block: EngineBlock
  /** Hashes of the last 256 blocks, for BLOCKHASH; where absent they are read from EIP-2935's ring in the state. */
  blockHash?: (number: bigint) => Hex
  /** Where present, `run` throws WorkLimitError once its work is done; the overlay is then of no more use. */
  meter?: WorkMeter
}
