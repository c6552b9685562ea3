/**
 * One settled leaf against what the contents say: pure, integers only. The artifact was built from the
 * chain's contents, the opening came from the prover and is believed only by its salted hashes.
 */
import type { Hex } from 'viem'
import type { Entry, ListedEntry } from '../../protocol/entries.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { saltedHash } from '../../protocol/receipt.ts'
import { rawScore } from '../../protocol/score.ts'
import { answerQueryHash, textTokenIds } from '../attribute/answer-query.ts'
import type { Artifact } from '../attribute/artifact.ts'
import type { Withdrawn } from '../attribute/corpus.ts'
import type { RowScores } from '../attribute/scores.ts'
import { type EntryRules, entriesOf } from '../attribute/settlement-leaf.ts'
import { answerFee, type Prices } from '../gateway/price.ts'

/** What a prover shows of a request whose payer allowed it. */
export type Opening = {
  prompt: string
  answer: string
  promptSalt: Hex
  outputSalt: Hex
  /** int8 coordinates; undefined where the query is void. */
  query: Int8Array | undefined
}

/** An integer or hash that is not what was recomputed. */
export type Difference = { what: string; settled: string; recomputed: string }

export type LeafAudit = {
  leaf: Leaf
  opening: Opening
  artifact: Artifact
  /** The query that an answer has under the version; undefined where it is void. */
  query: (texts: { prompt: string; answer: string }) => Int8Array | undefined
  /** Of all rows, by the kernel. */
  scores: RowScores
  rules: EntryRules
  /** As of the leaf's block. */
  withdrawn: Withdrawn
  /** The answer was asked by one of these. */
  prices: readonly Prices[]
}

/** Every difference between the leaf and what its opening and the contents give; none where it is honest. */
export function auditLeaf(audit: LeafAudit): Difference[] {
  const { leaf, opening, artifact } = audit
  const tokens = { prompt: textTokenIds(opening.prompt), answer: textTokenIds(opening.answer) }
  const query = audit.query(opening)
  const differences = [
    ...unequal('promptHash', leaf.promptHash, saltedHash(opening.promptSalt, tokens.prompt)),
    ...unequal('outputHash', leaf.outputHash, saltedHash(opening.outputSalt, tokens.answer)),
    ...unequal('promptTokens', leaf.promptTokens, tokens.prompt.length),
    ...unequal('outputTokens', leaf.outputTokens, tokens.answer.length),
    ...feeDifference(leaf.fee, { prompt: tokens.prompt.length, output: tokens.answer.length }, audit.prices),
    ...unequal('queryHash', leaf.queryHash, answerQueryHash(query)),
    ...unequal('query shown', answerQueryHash(opening.query), answerQueryHash(query)),
  ]
  if (!query) return [...differences, ...compareEntries(leaf.entries, [])]
  const raws = audit.scores(query)
  const entries = entriesOf(artifact, raws, audit.rules, audit.withdrawn)
  return [...differences, ...secondRoad(leaf, artifact, query, raws), ...compareEntries(leaf.entries, entries)]
}

/** Nothing where the fee is what one of the prices gives. */
function feeDifference(fee: bigint, tokens: { prompt: number; output: number }, prices: readonly Prices[]) {
  const fees = prices.map((each) => answerFee(tokens, each))
  return fees.includes(fee) ? [] : unequal('fee', fee, fees[0] ?? 0n)
}

/** Nothing where the two are the same. */
export const unequal = (
  what: string,
  settled: string | number | bigint,
  recomputed: string | number | bigint,
): Difference[] => (settled === recomputed ? [] : [{ what, settled: String(settled), recomputed: String(recomputed) }])

/** The listed rows again, by the protocol's plain loop: kernel and reference must agree with each other and with the leaf. */
function secondRoad(leaf: Leaf, artifact: Artifact, query: Int8Array, raws: Int32Array): Difference[] {
  return leaf.entries.flatMap(({ row, raw }) => {
    const known = artifact.rows[row]
    if (!known)
      return [{ what: `row ${row}`, settled: 'listed', recomputed: `the version has ${artifact.rows.length} rows` }]
    const plain = rawScore(known.signs, query)
    return [
      ...unequal(`raw of row ${row}`, raw, plain),
      ...unequal(`raw of row ${row}, kernel and plain loop`, raws[row]!, plain),
    ]
  })
}

const shown = (entry: ListedEntry | undefined) =>
  entry ? `row ${entry.row}, cluster ${entry.cluster}, raw ${entry.raw}, scale ${entry.scale}` : 'none'

function compareEntries(settled: readonly ListedEntry[], recomputed: readonly Entry[]): Difference[] {
  const length = Math.max(settled.length, recomputed.length)
  return Array.from({ length }, (_, i) => unequal(`entry ${i}`, shown(settled[i]), shown(recomputed[i]))).flat()
}
