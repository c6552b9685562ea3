/** A row of a version with its path to the version's feature root, as challenges show it (docs/protocol.md, "Challenges"). */
import { type Hex, toHex } from 'viem'
import { encodeRow, type Row } from '../protocol/row.ts'

export type RowProof = {
  row: Row
  /** From the leaf up to the version's `featureRoot` (protocol/merkle.ts). */
  path: readonly Hex[]
}

/** As the ABI takes it. Throws a RangeError where the row is none. */
export function rowProofArgument({ row, path }: RowProof): { row: Hex; path: readonly Hex[] } {
  return { row: toHex(encodeRow(row)), path }
}

/** Bytes of a query (int8 each), as the ABI takes them. */
export function queryArgument(query: Int8Array): Hex {
  return toHex(new Uint8Array(query.buffer, query.byteOffset, query.byteLength))
}
