/** JSON as methods return it: integers beyond JSON's are hex quantities. */
import type { Hex } from 'viem'

export type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json }

/** 0x and hexadecimal digits without leading zeros (JSON-RPC's "quantity"). */
export function quantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`
}

/** What viem decodes, with bigints as quantities. Numbers stay numbers. */
export function decodedJson(value: unknown): Json {
  if (typeof value === 'bigint') return quantity(value)
  if (Array.isArray(value)) return value.map(decodedJson)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, decodedJson(field)]))
  }
  if (
    value === null ||
    value === undefined ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  )
    return value
  throw new TypeError(`a ${typeof value} has no JSON form`)
}
