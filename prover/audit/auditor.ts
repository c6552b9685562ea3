/**
 * The auditor: recomputes every settled leaf from the contents on chain and compares all integers. It builds
 * a retrieval version's artifact itself, never from the prover, and asks the prover only to open what was said. A tuned version's
 * artifact and files it fetches by the hashes that the chain commits to; queries it computes with the model itself.
 */
import type { Hex } from 'viem'
import type { Leaf } from '../../protocol/leaf.ts'
import { answerQuery, answerQueryHash, textTokenIds } from '../attribute/answer-query.ts'
import { type Artifact, artifactHash, encodeArtifact } from '../attribute/artifact.ts'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import type { Withdrawn } from '../attribute/corpus.ts'
import { buildRetrievalVersion, RETRIEVAL_HYPERPARAMETERS_HASH } from '../attribute/retrieval-run.ts'
import { kernelScores, type RowScores } from '../attribute/scores.ts'
import type { VersionState } from '../gateway/prover-chain.ts'
import { versionDifferences } from '../gateway/version-check.ts'
import type { Kernel } from '../kernel/f32.ts'
import { openTunedModel, tunedQuery } from '../tune/tuned-model.ts'
import type { AuditReads, SettledLeaf } from './audit-reads.ts'
import { isFault } from './fault.ts'
import { auditLeaf, type Difference, type LeafAudit, type Opening, unequal } from './leaf-audit.ts'

export type AuditDifference = Difference & {
  /** Request id, or `version 3`. */
  subject: string
}

export type AuditReport = {
  /** Settled leaves that were recomputed. */
  audited: number
  /** Of these, with no difference in any integer, nor in their version. */
  equal: number
  /** Settled leaves whose payers did not allow an opening: nobody can recompute them before a demand. */
  closed: number
  differences: AuditDifference[]
}

/** One line for people. */
export const describeDifference = ({ subject, what, settled, recomputed }: AuditDifference): string =>
  `${subject}: ${what}: settled ${settled}, recomputed ${recomputed}`

type Engine = Awaited<ReturnType<typeof kernelScores>>

type RebuiltVersion = {
  state: VersionState
  artifact: Artifact
  scores: RowScores
  query: LeafAudit['query']
  differences: AuditDifference[]
}

/** What tuned versions need; without it they are not audited, and said not to be. */
export type AuditModels = {
  kernel: Kernel
  /** Where what is fetched is kept. */
  store: ArtifactStore
  baseDirectory: string
}

/** What a leaf's proofs are made of (prover/dispute): everything that the leaf was compared with. */
export type LeafEvidence = {
  artifact: Artifact
  /** The version's, as the chain has it. */
  featureRoot: Hex
  scores: RowScores
  /** Under the leaf's queryHash; undefined where it is void, or where neither the prover's nor ours is. */
  query: Int8Array | undefined
  /** As of the leaf's block. */
  withdrawn: Withdrawn
}

export type CheckedLeaf = {
  /** `closed`: its payer allowed no opening. `unopened`: the prover shows nothing. */
  outcome: 'closed' | 'unopened' | 'equal' | 'different'
  /** Of the leaf. */
  differences: AuditDifference[]
  /** Of its version: the same for each of its leaves. */
  versionDifferences: AuditDifference[]
  /** Absent where the leaf could not be recomputed. */
  evidence?: LeafEvidence
}

/** Checks one settled leaf after another; each version is built once. */
export class SettlementAuditor {
  readonly #reads: AuditReads
  readonly #models: AuditModels | undefined
  readonly #engine: Engine
  readonly #versions = new Map<bigint, Promise<RebuiltVersion | AuditDifference>>()

  private constructor(reads: AuditReads, models: AuditModels | undefined, engine: Engine) {
    this.#reads = reads
    this.#models = models
    this.#engine = engine
  }

  static async open(reads: AuditReads, models?: AuditModels): Promise<SettlementAuditor> {
    return new SettlementAuditor(reads, models, await kernelScores())
  }

  /** Rejects where chain or gateway cannot be reached; the next try begins anew. */
  async check(settled: SettledLeaf): Promise<CheckedLeaf> {
    if (!settled.leaf.openable) return { outcome: 'closed', differences: [], versionDifferences: [] }
    const version = await this.#rebuilt(settled.leaf.version)
    if ('subject' in version) return { outcome: 'different', differences: [], versionDifferences: [version] }
    return auditSettled(this.#reads, settled, version)
  }

  #rebuilt(id: bigint): Promise<RebuiltVersion | AuditDifference> {
    const known = this.#versions.get(id)
    if (known) return known
    const fresh = rebuild(this.#reads, id, this.#engine, this.#models).catch((error: unknown) => {
      this.#versions.delete(id)
      throw error
    })
    this.#versions.set(id, fresh)
    return fresh
  }
}

/** Audits everything that is settled, or the leaves that are given. Rejects where chain or gateway cannot be reached. */
export async function auditSettlements(
  reads: AuditReads,
  models?: AuditModels,
  { leaves, signal }: { leaves?: readonly SettledLeaf[]; signal?: AbortSignal | undefined } = {},
): Promise<AuditReport> {
  const auditor = await SettlementAuditor.open(reads, models)
  const versions = new Set<bigint>()
  const report: AuditReport = { audited: 0, equal: 0, closed: 0, differences: [] }
  for (const settled of leaves ?? (await reads.settledLeaves())) {
    signal?.throwIfAborted()
    const { outcome, differences, versionDifferences } = await auditor.check(settled)
    if (outcome === 'closed') {
      report.closed++
      continue
    }
    report.audited++
    if (outcome === 'equal') report.equal++
    if (!versions.has(settled.leaf.version)) report.differences.push(...versionDifferences)
    versions.add(settled.leaf.version)
    report.differences.push(...differences)
  }
  return report
}

async function auditSettled(reads: AuditReads, settled: SettledLeaf, version: RebuiltVersion): Promise<CheckedLeaf> {
  const { request, leaf, block } = settled
  const versionDifferences = version.differences
  const opening = await reads.opening(request)
  if ('refused' in opening) {
    const refusal = { subject: request, what: 'opening', settled: 'openable', recomputed: opening.refused }
    return { outcome: 'unopened', differences: [refusal], versionDifferences }
  }
  const { artifact, scores, query, state } = version
  const [rules, withdrawn, prices] = await Promise.all([
    reads.entryRules(block),
    reads.withdrawn(leaf.asOf),
    reads.prices(state.model, leaf.asOf),
  ])
  const found = auditLeaf({ leaf, opening, artifact, query, scores, rules, withdrawn, prices })
  const differences = found.map((difference) => ({ subject: request, ...difference }))
  const isEqual = differences.length + versionDifferences.length === 0
  return {
    ...{ outcome: isEqual ? 'equal' : 'different', differences, versionDifferences },
    evidence: { artifact, featureRoot: state.featureRoot, scores, withdrawn, query: leafQuery(leaf, opening, query) },
  }
}

/** The query that the leaf commits to. The prover's is as good as ours where it is under the hash: what the leaf lists must be right for it. */
function leafQuery(leaf: Leaf, opening: Opening, query: LeafAudit['query']): Int8Array | undefined {
  if (answerQueryHash(opening.query) === leaf.queryHash) return opening.query
  const own = query(opening)
  return answerQueryHash(own) === leaf.queryHash ? own : undefined
}

/** Builds a version from the contents and compares it with what the chain committed to. */
async function rebuild(
  reads: AuditReads,
  version: bigint,
  engine: Engine,
  models: AuditModels | undefined,
): Promise<RebuiltVersion | AuditDifference> {
  const subject = `version ${version}`
  const state = await reads.version(version)
  if (!state) return { subject, what: 'version', settled: 'referred to by a leaf', recomputed: 'not on chain' }
  if (state.hyperparametersHash !== RETRIEVAL_HYPERPARAMETERS_HASH) return fetched(reads, state, engine, models)
  const { artifact, differences } = await rebuildRetrieval(reads, state)
  const query: LeafAudit['query'] = ({ prompt, answer }) =>
    answerQuery(artifact, { prompt: textTokenIds(prompt), answer: textTokenIds(answer) })
  return { state, artifact, scores: engine(artifact), query, differences }
}

/** A retrieval version's artifact from the contents, and how the chain's version differs from it. */
export async function rebuildRetrieval(
  reads: AuditReads,
  state: VersionState,
): Promise<{ artifact: Artifact; differences: AuditDifference[] }> {
  const { datanets, seed: block } = state
  const maxScaleFactor = await reads.maxScaleFactor(block)
  const { artifact } = await buildRetrievalVersion(reads, { datanets, block, maxScaleFactor })
  const found = [
    ...unequal('manifestRoot', state.manifestRoot, artifact.manifestRoot),
    ...unequal('featureRoot', state.featureRoot, artifact.featureRoot),
    ...unequal('artifactHash', state.artifactHash, artifactHash(encodeArtifact(artifact))),
    ...unequal('rows', state.rows, artifact.rows.length),
    ...unequal('medianScale', state.medianScale, artifact.medianScale),
  ]
  return { artifact, differences: found.map((difference) => ({ subject: `version ${state.version}`, ...difference })) }
}

/** A tuned version by its files. That its rows are what the contents give is checked by version-audit.ts. */
async function fetched(
  reads: AuditReads,
  state: VersionState,
  engine: Engine,
  models: AuditModels | undefined,
): Promise<RebuiltVersion | AuditDifference> {
  const subject = `version ${state.version}`
  const unchecked = (reason: string) => ({ subject, what: 'artifact', settled: state.artifactHash, recomputed: reason })
  if (!models) return unchecked('not computed: no base model was given')
  try {
    await reads.fetchArtifact(models.store, state.artifactHash)
    const model = await openTunedModel(models, { artifactHash: state.artifactHash, ...models })
    const { artifact } = model
    const differences = versionDifferences(state, artifact).map(({ what, onChain, inArtifact }) => ({
      ...{ subject, what, settled: onChain, recomputed: inArtifact },
    }))
    return { state, artifact, scores: engine(artifact), query: (texts) => tunedQuery(model, texts), differences }
  } catch (error) {
    if (!isFault(error)) throw error
    return unchecked(error.message)
  }
}
