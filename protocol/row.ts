/**
 * A row of a version's feature matrix: one window of one contribution as one bit per dimension and
 * one scale (docs/protocol.md, "Models"). Leaf i of featureRoot is row i.
 *
 *     index u32 ‖ contribution u64 ‖ cluster u64 ‖ scale u16 ‖ signs (dims/8 bytes)      big endian
 *     bit k of signs = byte k>>3, least significant bit first; 1 is plus, 0 is minus
 */
import { ClusterId, ContributionId } from '../genesis/units.ts'
import { ByteReader, ByteWriter } from './byte-cursor.ts'
import { merkleLeaf } from './merkle.ts'

/** Dimensions of a feature. */
export const DIMS = 32_768
export const SIGN_BYTES = DIMS / 8
const ROW_BYTES = 4 + 8 + 8 + 2 + SIGN_BYTES

export type Row = {
  index: number
  contribution: ContributionId
  cluster: ClusterId
  /** 1 … 65,535; the row's length before its coordinates became signs. 0 in a void row, which is never an entry. */
  scale: number
  /** {@link SIGN_BYTES} bytes. */
  signs: Uint8Array
}

/** 4,118 bytes. Throws RangeError where a field does not fit. */
export function encodeRow(row: Row): Uint8Array {
  if (row.signs.length !== SIGN_BYTES) throw new RangeError(`signs: ${row.signs.length} bytes, expected ${SIGN_BYTES}`)
  return new ByteWriter()
    .uint(row.index, 4)
    .uint(row.contribution, 8)
    .uint(row.cluster, 8)
    .uint(row.scale, 2)
    .raw(row.signs)
    .finish()
}

/** Inverse of {@link encodeRow}. Throws RangeError on any other length. */
export function decodeRow(bytes: Uint8Array): Row {
  if (bytes.length !== ROW_BYTES) throw new RangeError(`row: ${bytes.length} bytes, expected ${ROW_BYTES}`)
  const reader = new ByteReader(bytes)
  const row = {
    index: reader.number(4),
    contribution: ContributionId(reader.uint(8)),
    cluster: ClusterId(reader.uint(8)),
    scale: reader.number(2),
    signs: reader.raw(SIGN_BYTES),
  }
  reader.end()
  return row
}

/** The row's leaf hash under featureRoot. */
export function rowLeaf(row: Row): Uint8Array {
  return merkleLeaf(encodeRow(row))
}
