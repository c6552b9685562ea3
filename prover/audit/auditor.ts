/**
 * The auditor: recomputes every settled leaf from the contents on chain and compares all integers. It builds
 * a retrieval version's artifact itself, never from the prover, and asks the prover only to open what was said. A tuned version's
 * artifact and files it fetches by the hashes that the chain commits to; queries it computes with the model itself.
 */
import { answerQuery, textTokenIds } from '../attribute/answer-query.ts'
import { type Artifact, artifactHash, encodeArtifact } from '../attribute/artifact.ts'
import type { ArtifactStore } from '../attribute/artifact-store.ts'
import { buildRetrievalVersion, RETRIEVAL_HYPERPARAMETERS_HASH } from '../attribute/retrieval-run.ts'
import { kernelScores, type RowScores } from '../attribute/scores.ts'
import type { VersionState } from '../gateway/prover-chain.ts'
import { versionDifferences } from '../gateway/version-check.ts'
import type { Kernel } from '../kernel/f32.ts'
import { openTunedModel, tunedQuery } from '../tune/tuned-model.ts'
import type { AuditReads, SettledLeaf } from './audit-reads.ts'
import { isFault } from './fault.ts'
import { auditLeaf, type Difference, type LeafAudit, unequal } from './leaf-audit.ts'

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

/** Audits everything that is settled, or the leaves that are given. Rejects where chain or gateway cannot be reached. */
export async function auditSettlements(
  reads: AuditReads,
  models?: AuditModels,
  { leaves, signal }: { leaves?: readonly SettledLeaf[]; signal?: AbortSignal | undefined } = {},
): Promise<AuditReport> {
  const engine = await kernelScores()
  const versions = new Map<bigint, Promise<RebuiltVersion | AuditDifference>>()
  const report: AuditReport = { audited: 0, equal: 0, closed: 0, differences: [] }
  const rebuilt = (id: bigint) => {
    const known = versions.get(id)
    if (known) return known
    const fresh = rebuild(reads, id, engine, models)
    versions.set(id, fresh)
    return fresh
  }
  for (const settled of leaves ?? (await reads.settledLeaves())) {
    signal?.throwIfAborted()
    if (!settled.leaf.openable) {
      report.closed++
      continue
    }
    const first = !versions.has(settled.leaf.version)
    const version = await rebuilt(settled.leaf.version)
    if (first) report.differences.push(...('subject' in version ? [version] : version.differences))
    const differences = 'subject' in version ? [version] : await auditSettled(reads, settled, version)
    report.audited++
    if (differences.length === 0) report.equal++
    report.differences.push(...differences.filter(({ subject }) => subject === settled.request))
  }
  return report
}

async function auditSettled(
  reads: AuditReads,
  settled: SettledLeaf,
  version: RebuiltVersion,
): Promise<AuditDifference[]> {
  const { request, leaf, block } = settled
  const opening = await reads.opening(request)
  if ('refused' in opening) {
    return [{ subject: request, what: 'opening', settled: 'openable', recomputed: opening.refused }]
  }
  const { artifact, scores, query, state: prices } = version
  const [rules, withdrawn] = await Promise.all([reads.entryRules(block), reads.withdrawn(leaf.asOf)])
  const found = auditLeaf({ leaf, opening, artifact, query, scores, rules, withdrawn, prices })
  return [...version.differences, ...found.map((difference) => ({ subject: request, ...difference }))]
}

/** Builds a version from the contents and compares it with what the chain committed to. */
async function rebuild(
  reads: AuditReads,
  version: bigint,
  engine: Awaited<ReturnType<typeof kernelScores>>,
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
  engine: Awaited<ReturnType<typeof kernelScores>>,
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
