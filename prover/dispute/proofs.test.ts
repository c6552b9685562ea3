import { zeroHash } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { ClusterId } from '../../genesis/units.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { verifyMerkleProof } from '../../protocol/merkle.ts'
import { DIMS, rowLeaf } from '../../protocol/row.ts'
import { answerQuery, answerQueryHash, textTokenIds } from '../attribute/answer-query.ts'
import { buildRetrievalVersion } from '../attribute/retrieval-run.ts'
import { kernelScores } from '../attribute/scores.ts'
import { entriesOf } from '../attribute/settlement-leaf.ts'
import type { LeafEvidence } from '../audit/auditor.ts'
import { InMemoryChain } from '../testing/in-memory-chain.ts'
import { proofsOf, rowEvidence } from './proofs.ts'

const RULES = { thresholdZ: 5n, maxEntries: 32 }

let evidence: LeafEvidence
let honest: Leaf

beforeAll(async () => {
  const chain = new InMemoryChain()
  const { artifact } = await buildRetrievalVersion(chain, { datanets: [1n], block: 10n, maxScaleFactor: 4n })
  const tokens = {
    prompt: textTokenIds('Which tokens have an allowance and a timelock?'),
    answer: textTokenIds('Both.'),
  }
  const query = answerQuery(artifact, tokens)!
  const scores = (await kernelScores())(artifact)
  const withdrawn = await chain.withdrawn()
  evidence = { artifact, featureRoot: artifact.featureRoot, scores, query, withdrawn }
  honest = {
    ...{ channel: zeroHash, n: 0n, version: 1n, fee: 5n, promptTokens: 1, outputTokens: 1, promptHash: zeroHash },
    ...{ outputHash: zeroHash, openable: true, asOf: 10n, queryHash: answerQueryHash(query) },
    entries: entriesOf(artifact, scores(query), RULES, withdrawn),
  }
  expect(honest.entries.length).toBeGreaterThan(1)
})

const proofs = (leaf: Leaf, changes: Partial<LeafEvidence> = {}) =>
  proofsOf({ leaf, claim: RULES, evidence: { ...evidence, ...changes } })

const withEntry = (change: Partial<Leaf['entries'][number]>): Leaf => {
  const [first, ...rest] = honest.entries
  return { ...honest, entries: [{ ...first!, ...change }, ...rest] }
}

describe('proofs against a leaf', () => {
  it('are none where it is honest', () => {
    expect(proofs(honest)).toEqual([])
  })

  it.each([
    ['raw', () => ({ raw: honest.entries[0]!.raw - 1 })],
    ['scale', () => ({ scale: honest.entries[0]!.scale + 1 })],
    ['cluster', () => ({ cluster: ClusterId(99n) })],
  ])('show an entry with another %s by its row', (name, change) => {
    const { row } = honest.entries[0]!
    expect(proofs(withEntry(change()))).toEqual([
      expect.objectContaining({ challenge: 'score', entry: 0, row, reason: expect.stringContaining(name) }),
    ])
  })

  it('show each row that is not listed, the best first', () => {
    const [first, second] = honest.entries
    expect(proofs({ ...honest, entries: honest.entries.slice(2) })).toEqual([
      expect.objectContaining({ challenge: 'omission', row: first!.row }),
      expect.objectContaining({ challenge: 'omission', row: second!.row }),
    ])
  })

  it('name a wrong entry before an omitted row', () => {
    const wrong = withEntry({ raw: honest.entries[0]!.raw + 1 })
    const kinds = proofs({ ...wrong, entries: wrong.entries.slice(0, -1) }).map(({ challenge }) => challenge)
    expect(kinds).toEqual(['score', 'omission'])
  })

  it('show an ill-formed query by any row', () => {
    const query = new Int8Array(DIMS).fill(1)
    expect(proofs(honest, { query })).toEqual([expect.objectContaining({ challenge: 'score', entry: 0, query })])
    expect(proofs({ ...honest, entries: [] }, { query })).toEqual([
      expect.objectContaining({ challenge: 'omission', row: 0, query }),
    ])
  })

  it('are none without the query under the leaf’s hash, or without the rows of the version', () => {
    const wrong = withEntry({ raw: honest.entries[0]!.raw + 1 })
    expect(proofs(wrong, { query: undefined })).toEqual([])
    expect(proofs(wrong, { featureRoot: zeroHash })).toEqual([])
    expect(proofsOf({ leaf: wrong, claim: RULES })).toEqual([])
  })

  it('put a signed receipt first, and only one of this request', () => {
    const receipt = { ...honest, fee: 6n, signature: zeroHash } as const
    const leaf = { ...honest, entries: [] }
    expect(proofsOf({ leaf, claim: RULES, evidence, receipt })[0]).toMatchObject({ challenge: 'receipt' })
    expect(proofsOf({ leaf: honest, claim: RULES, receipt: { ...receipt, n: 1n } })).toEqual([])
    expect(proofsOf({ leaf: honest, claim: RULES, receipt: { ...receipt, fee: 5n } })).toEqual([])
  })

  it('take a row with a path to the root of its version, and nothing else', () => {
    const shown = rowEvidence(evidence, 3)!
    const { artifact, featureRoot: root } = evidence
    const place = { leaf: rowLeaf(shown.row), index: 3, count: artifact.rows.length }
    expect(verifyMerkleProof({ root, ...place, proof: shown.path })).toBe(true)
    expect(rowEvidence({ ...evidence, featureRoot: zeroHash }, 3)).toBeUndefined()
    expect(rowEvidence(evidence, artifact.rows.length)).toBeUndefined()
  })
})
