/**
 * What proves a settled leaf wrong on chain (docs/protocol.md, "Challenges" 1, 2 and 5), cheapest first: a signed receipt alone; a query
 * that is ill formed; an entry with its row; a row that should have been listed. Pure, and only what is wrong by our own integers.
 */
import type { Hex } from 'viem'
import type { RowProof, SignedReceipt } from '../../client/index.ts'
import type { Claim } from '../../protocol/claim.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { merkleProof, verifyMerkleProof } from '../../protocol/merkle.ts'
import { checkQuery } from '../../protocol/query.ts'
import { receiptFault } from '../../protocol/receipt.ts'
import { rowLeaf } from '../../protocol/row.ts'
import { rawScore } from '../../protocol/score.ts'
import type { Artifact } from '../attribute/artifact.ts'
import { entriesOf } from '../attribute/settlement-leaf.ts'
import type { LeafEvidence } from '../audit/auditor.ts'

export type LeafProof = {
  /** What is wrong, in words. */
  reason: string
} & (
  | { challenge: 'receipt'; receipt: SignedReceipt }
  | { challenge: 'score'; entry: number; query: Int8Array; row: number }
  | { challenge: 'omission'; query: Int8Array; row: number }
)

export type Doubted = {
  leaf: Leaf
  /** What its settlement credited, with the rules that the leaf was checked by. */
  claim: Pick<Claim, 'thresholdZ' | 'maxEntries'>
  /** Absent where the leaf could not be recomputed: then a receipt is all that can speak. */
  evidence?: LeafEvidence | undefined
  /** The request's, signed by its prover. */
  receipt?: SignedReceipt | undefined
}

/** Proofs that should be upheld, cheapest first; none where nothing of the leaf can be disproved at once. */
export function proofsOf(doubted: Doubted): LeafProof[] {
  return [...receiptProofs(doubted), ...rowProofs(doubted)]
}

function receiptProofs({ leaf, receipt }: Doubted): LeafProof[] {
  if (receipt?.channel !== leaf.channel || receipt.n !== leaf.n) return []
  const reason = receiptFault(receipt, leaf)
  if (!reason) return []
  return [{ challenge: 'receipt', receipt, reason }]
}

function rowProofs({ leaf, claim, evidence }: Doubted): LeafProof[] {
  const { artifact, query, featureRoot } = evidence ?? {}
  // Rows that are not the version's prove nothing about its leaves.
  if (!evidence || !artifact || !query || artifact.featureRoot !== featureRoot) return []
  const fault = checkQuery(query)
  if (fault !== undefined) return [illFormed(leaf, query, fault)]
  const raws = evidence.scores(query)
  const { thresholdZ, maxEntries } = claim
  const expected = entriesOf(artifact, raws, { thresholdZ, maxEntries }, evidence.withdrawn)
  const due = new Set(expected.map(({ row }) => row))
  const listed = new Set(leaf.entries.map(({ row }) => row))
  return [
    ...wrongEntries(leaf, artifact, query),
    ...leaf.entries.flatMap(({ row }, entry): LeafProof[] =>
      due.has(row) ? [] : [{ challenge: 'score', entry, query, row, reason: `row ${row} was not to be listed` }],
    ),
    ...expected
      .filter(({ row }) => !listed.has(row))
      .map(({ row }): LeafProof => ({ challenge: 'omission', query, row, reason: `row ${row} is not listed` })),
  ]
}

/** Any entry's row shows an ill-formed query, and any row where there is no entry. */
function illFormed(leaf: Leaf, query: Int8Array, reason: string): LeafProof {
  const first = leaf.entries[0]
  return first
    ? { challenge: 'score', entry: 0, query, row: first.row, reason }
    : { challenge: 'omission', query, row: 0, reason }
}

function wrongEntries(leaf: Leaf, { rows }: Artifact, query: Int8Array): LeafProof[] {
  return leaf.entries.flatMap(({ row: index, raw, scale, cluster }, entry): LeafProof[] => {
    const row = rows[index]
    if (!row) return []
    const own = { raw: rawScore(row.signs, query), scale: row.scale, cluster: row.cluster }
    const wrong = (['raw', 'scale', 'cluster'] as const).find((name) => own[name] !== { raw, scale, cluster }[name])
    if (!wrong) return []
    const settled = { raw, scale, cluster }[wrong]
    const reason = `entry ${entry} has ${wrong} ${settled}, row ${index} gives ${own[wrong]}`
    return [{ challenge: 'score', entry, query, row: index, reason }]
  })
}

/** The row with its path, or undefined where the path does not lead to the version's featureRoot. */
export function rowEvidence(
  { artifact, featureRoot: root }: { artifact: Pick<Artifact, 'rows'>; featureRoot: Hex },
  index: number,
): RowProof | undefined {
  const row = artifact.rows[index]
  if (!row) return undefined
  const leaves = artifact.rows.map(rowLeaf)
  const path = merkleProof(leaves, index)
  const isIncluded = verifyMerkleProof({ root, leaf: leaves[index]!, index, count: leaves.length, proof: path })
  return isIncluded ? { row, path } : undefined
}
