/** Gas that a transaction costs before any code runs, by the rules of a fork; this chain's where none are given. */
import { JOVIAN_RULES } from './op-rules.ts'
import type { Rules } from './rules.ts'
import type { AccessListItem, Authorization } from './transaction.ts'

const TRANSACTION = 21_000n
const ACCESS_LIST_ADDRESS = 2_400n
const ACCESS_LIST_KEY = 1_900n
/** EIP-7702: PER_EMPTY_ACCOUNT_COST. */
export const AUTHORIZATION = 25_000n
const ZERO_BYTE = 4n
/** A zero byte counts as one token, any other as four (EIP-7623). */
const TOKENS_PER_NONZERO_BYTE = 4n

/** EIP-3860. */
export const MAX_INIT_CODE_BYTES = JOVIAN_RULES.maxInitCodeBytes

type Priced = {
  to: string | undefined
  data: Uint8Array
  accessList?: AccessListItem[]
  authorizationList?: Authorization[]
}

function nonZeroBytes(data: Uint8Array): number {
  let count = 0
  for (const byte of data) if (byte !== 0) count++
  return count
}

export function intrinsicGas(message: Priced, rules: Rules = JOVIAN_RULES): bigint {
  const { to, data, accessList = [], authorizationList = [] } = message
  const nonZero = nonZeroBytes(data)
  let gas = TRANSACTION + BigInt(data.length - nonZero) * ZERO_BYTE + BigInt(nonZero) * rules.dataByteGas
  if (to === undefined) gas += rules.creationGas + rules.initCodeWordGas * BigInt(Math.ceil(data.length / 32))
  for (const { storageKeys } of accessList) gas += ACCESS_LIST_ADDRESS + ACCESS_LIST_KEY * BigInt(storageKeys.length)
  return gas + AUTHORIZATION * BigInt(authorizationList.length)
}

/** The least that a transaction with this much data pays, however little it executes (EIP-7623); 0n before that. */
export function floorGas({ data }: { data: Uint8Array }, { floorGasPerToken }: Rules = JOVIAN_RULES): bigint {
  if (floorGasPerToken === 0n) return 0n
  const nonZero = nonZeroBytes(data)
  return TRANSACTION + (BigInt(data.length - nonZero) + BigInt(nonZero) * TOKENS_PER_NONZERO_BYTE) * floorGasPerToken
}
