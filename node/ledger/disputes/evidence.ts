/** What challenges show (docs/protocol.md, "Challenges"): a query by its hash, a row by its path to a version's root. */
import type { Hex } from 'viem'
import { GAS } from '../../../genesis/gas.ts'
import { verifyMerkleProof } from '../../../protocol/merkle.ts'
import { checkQuery, queryHash } from '../../../protocol/query.ts'
import { decodeRow, type Row, rowLeaf } from '../../../protocol/row.ts'
import { face } from '../attribution/attribution-face.ts'
import type { CallContext } from '../calls/context.ts'
import { bytesOf } from '../calls/face.ts'
import { type RecordOf, readRecord } from '../calls/storage-layout.ts'
import { versionLayout, versionPlace } from '../models/model-records.ts'

export type Version = RecordOf<typeof versionLayout>
export type RowProof = { row: Hex; path: readonly Hex[] }

export function knownVersion(context: CallContext, version: bigint): Version {
  const record = readRecord(context, versionPlace(context, version), versionLayout)
  if (record.model === 0n) throw face.error('UnknownVersion', [version])
  return record
}

/** The query under the hash, and what is wrong with it, if anything: a leaf must not commit to an ill-formed one. */
export function shownQuery(
  context: CallContext,
  hash: Hex,
  queryHex: Hex,
): { query: Int8Array; fault: string | undefined } {
  const bytes = bytesOf(queryHex)
  context.chargeWords(GAS.keccakWord, bytes.length)
  context.charge(GAS.keccak + GAS.rowProduct)
  const query = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  if (queryHash(query) !== hash) throw face.error('InvalidField', ['query', "is not under the leaf's queryHash"])
  return { query, fault: checkQuery(query) }
}

/** A leaf's queryHash where its query is void. */
const VOID_QUERY: Hex = `0x${'0'.repeat(64)}`

/** The query under the hash, of whatever form; without coordinates where the leaf says that it is void. */
export function shownQueryOrVoid(context: CallContext, hash: Hex, queryHex: Hex): Int8Array {
  if (hash !== VOID_QUERY) return shownQuery(context, hash, queryHex).query
  if (queryHex !== '0x') throw face.error('InvalidField', ['query', "must be empty: the leaf's is void"])
  return new Int8Array(0)
}

/** A row of the version. `field` names the argument where it is none. */
export function shownRow(context: CallContext, version: Version, proof: RowProof, field: string): Row {
  const bytes = bytesOf(proof.row)
  context.chargeWords(GAS.keccakWord, bytes.length)
  context.charge(BigInt(1 + proof.path.length) * (GAS.keccak + 3n * GAS.keccakWord))
  const row = decoded(bytes, field)
  const { featureRoot: root, rows } = version
  if (!verifyMerkleProof({ root, leaf: rowLeaf(row), index: row.index, count: Number(rows), proof: proof.path }))
    throw face.error('InvalidField', [field, "its path does not lead to the version's featureRoot"])
  return row
}

function decoded(bytes: Uint8Array, field: string): Row {
  try {
    return decodeRow(bytes)
  } catch (error) {
    if (error instanceof RangeError) throw face.error('InvalidField', [field, error.message])
    throw error
  }
}
