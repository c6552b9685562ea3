/**
 * How execution reaches the native contracts. A native call is a pure function of a reader and a call:
 * it returns writes, transfers, logs and gas and touches nothing, so any EVM engine can carry it.
 * node/ledger implements {@link NativeContracts}; execution applies the result inside its own journal.
 */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'
import type { Log } from './block.ts'

/** What a native contract may see of the state during a call. All native reads go through it and are gas-metered by it. */
export interface NativeReader {
  /** Current value of a storage slot (0n where never written). Slot: 32 bytes as hex. */
  storage(address: Address, slot: Hex): bigint
  /** Value at the start of the transaction (EIP-2200's "original value"). */
  originalStorage(address: Address, slot: Hex): bigint
  /** Whether the slot is in the transaction's accessed set (EIP-2929). */
  isWarm(address: Address, slot: Hex): boolean
  balance(address: Address): bigint
}

export type NativeBlockContext = {
  number: bigint
  timestamp: bigint
  prevRandao: Hex
  chainId: bigint
}

export type NativeCall = {
  /** The native contract called. */
  to: Address
  caller: Address
  origin: Address
  /** Wei already credited to `to` by the engine when the call begins. */
  value: bigint
  data: Uint8Array
  /** True inside a STATICCALL: any write, log or transfer is refused. */
  isStatic: boolean
  /** Gas available to this call. */
  gas: bigint
  block: NativeBlockContext
}

export type StorageWrite = { address: Address; slot: Hex; value: bigint }
/** A movement of wei without a call; `from` is a native contract. */
export type NativeTransfer = { from: Address; to: Address; value: bigint }
/** Contents that a call accepted; node/content keeps them by hash. */
export type AcceptedContent = { hash: Hex; bytes: Uint8Array }

export type NativeResult =
  | {
      ok: true
      returnData: Uint8Array
      /** Final values, in order of first write; one entry per slot. */
      writes: StorageWrite[]
      transfers: NativeTransfer[]
      logs: Log[]
      gasUsed: bigint
      /** Change of the transaction's refund counter (EIP-3529); may be negative. */
      refund: bigint
      /** Slots touched, to be added to the accessed set. */
      accessed: { address: Address; slot: Hex }[]
      contents: AcceptedContent[]
    }
  | {
      ok: false
      /** 'revert' returns the gas that is left; 'outOfGas' takes it all. */
      kind: 'revert' | 'outOfGas'
      /** ABI-encoded custom error. */
      returnData: Uint8Array
      gasUsed: bigint
    }

export interface NativeContracts {
  readonly addresses: ReadonlySet<Address>
  call(reader: NativeReader, call: NativeCall): NativeResult
}

/** For chains that have none. */
export const NO_NATIVES: NativeContracts = {
  addresses: new Set(),
  call: (_, { to }) => {
    throw new Error(`there is no native contract at ${to}`)
  },
}
