/** Reading state: what execution, ledger and RPC see of any one block's accounts and storage. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'

export type Account = {
  nonce: bigint
  balance: bigint
  storageRoot: Hex
  codeHash: Hex
}

/** Synchronous. Addresses and slots are lower-case hex; slots 32 bytes. */
export interface StateReader {
  account(address: Address): Account | undefined
  /** 0n where never written. */
  storage(address: Address, slot: Hex): bigint
  /** Code by hash; empty for the empty code's hash. Throws where the hash is unknown (a damaged database). */
  code(codeHash: Hex): Uint8Array
}

/** eth_getProof's answer (EIP-1186). */
export type AccountProof = {
  address: Address
  account: Account | undefined
  accountProof: Uint8Array[]
  storageProof: { key: Hex; value: bigint; proof: Uint8Array[] }[]
}
