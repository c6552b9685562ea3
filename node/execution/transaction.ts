/** Transactions of types 0, 1, 2, 4 (EIP-2718 envelopes) and the OP Stack's deposit 0x7E. */
import type { Hex } from 'viem'
import type { Address } from '../../genesis/addresses.ts'

export type AccessListItem = { address: Address; storageKeys: Hex[] }

/** EIP-7702 tuple. */
export type Authorization = { chainId: bigint; address: Address; nonce: bigint; yParity: number; r: bigint; s: bigint }

export type Signature = { yParity: number; r: bigint; s: bigint }

type Body = {
  /** keccak256 of the envelope. */
  hash: Hex
  /** The envelope. */
  raw: Uint8Array
  /** Recovered, or a deposit's `from`. */
  sender: Address
  /** Absent when the transaction creates a contract. */
  to: Address | undefined
  value: bigint
  gasLimit: bigint
  data: Uint8Array
}

type Signed = Body & { nonce: bigint; signature: Signature }

export type LegacyTransaction = Signed & { type: 0; gasPrice: bigint; /** EIP-155; absent before it. */ chainId: bigint | undefined }
export type AccessListTransaction = Signed & { type: 1; chainId: bigint; gasPrice: bigint; accessList: AccessListItem[] }
export type FeeMarketTransaction = Signed & {
  type: 2
  chainId: bigint
  maxPriorityFeePerGas: bigint
  maxFeePerGas: bigint
  accessList: AccessListItem[]
}
export type SetCodeTransaction = Signed & {
  type: 4
  chainId: bigint
  maxPriorityFeePerGas: bigint
  maxFeePerGas: bigint
  accessList: AccessListItem[]
  authorizationList: Authorization[]
}
export type DepositTransaction = Body & {
  type: 0x7e
  sourceHash: Hex
  /** Wei minted to the sender; 0n where none. */
  mint: bigint
  isSystemTransaction: boolean
}

export type SignedTransaction = LegacyTransaction | AccessListTransaction | FeeMarketTransaction | SetCodeTransaction
export type Transaction = SignedTransaction | DepositTransaction
