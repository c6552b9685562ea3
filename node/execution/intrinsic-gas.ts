/** Gas that a transaction costs before any code runs: EIP-2, 2028, 2930, 3860, 7623, 7702 (Prague). */
import type { AccessListItem, Authorization } from './transaction.ts'

const TRANSACTION = 21_000n
const CREATION = 32_000n
const INIT_CODE_WORD = 2n
const ACCESS_LIST_ADDRESS = 2_400n
const ACCESS_LIST_KEY = 1_900n
/** EIP-7702: PER_EMPTY_ACCOUNT_COST. */
export const AUTHORIZATION = 25_000n
/** A zero byte counts as one token, any other as four (EIP-7623). */
const TOKENS_PER_NONZERO_BYTE = 4n
const GAS_PER_TOKEN = 4n
const FLOOR_GAS_PER_TOKEN = 10n

/** EIP-3860. */
export const MAX_INIT_CODE_BYTES = 49_152

type Priced = {
  to: string | undefined
  data: Uint8Array
  accessList?: AccessListItem[]
  authorizationList?: Authorization[]
}

function tokens(data: Uint8Array): bigint {
  let nonZero = 0
  for (const byte of data) if (byte !== 0) nonZero++
  return BigInt(data.length - nonZero) + BigInt(nonZero) * TOKENS_PER_NONZERO_BYTE
}

export function intrinsicGas({ to, data, accessList = [], authorizationList = [] }: Priced): bigint {
  let gas = TRANSACTION + tokens(data) * GAS_PER_TOKEN
  if (to === undefined) gas += CREATION + INIT_CODE_WORD * BigInt(Math.ceil(data.length / 32))
  for (const { storageKeys } of accessList) gas += ACCESS_LIST_ADDRESS + ACCESS_LIST_KEY * BigInt(storageKeys.length)
  return gas + AUTHORIZATION * BigInt(authorizationList.length)
}

/** The least that a transaction with this much data pays, however little it executes (EIP-7623). */
export function floorGas({ data }: { data: Uint8Array }): bigint {
  return TRANSACTION + tokens(data) * FLOOR_GAS_PER_TOKEN
}
