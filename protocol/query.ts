/**
 * A query as it is shown on chain: int8[dims], its length fixed so that a threshold on `raw` means the
 * same for all (docs/protocol.md, "Models"): Σq² within 2 % of 1024·dims, and no coordinate −128.
 */
import type { Hex } from 'viem'
import { toHex } from './hex.ts'
import { keccak256 } from './keccak.ts'
import { DIMS } from './row.ts'

/** Mean square of a query's coordinates: 32². */
export const QUERY_MEAN_SQUARE = 1024

/** Why a query is not well formed, or undefined. */
export function checkQuery(query: Int8Array, dims: number = DIMS): string | undefined {
  if (query.length !== dims) return `query has ${query.length} coordinates, expected ${dims}`
  let squares = 0
  for (let k = 0; k < query.length; k++) {
    const coordinate = query[k]!
    if (coordinate === -128) return `query coordinate ${k} is -128, the least allowed is -127`
    squares += coordinate * coordinate
  }
  const target = QUERY_MEAN_SQUARE * dims
  const distance = squares > target ? squares - target : target - squares
  if (50 * distance > target) return `query's sum of squares is ${squares}, not within 2 % of ${target}`
  return undefined
}

/** keccak256 of the coordinates, one byte each, two's complement. */
export function queryHash(query: Int8Array): Hex {
  return toHex(keccak256(new Uint8Array(query.buffer, query.byteOffset, query.byteLength)))
}
