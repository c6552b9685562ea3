/**
 * The auditor: recomputes every settled leaf from the contents on chain and compares all integers. It builds
 * each version's artifact itself, never from the prover, and asks the prover only to open what was said.
 */
import type { Hex } from 'viem'
import { type Artifact, artifactHash, encodeArtifact } from '../attribute/artifact.ts'
import { buildRetrievalVersion, RETRIEVAL_HYPERPARAMETERS_HASH } from '../attribute/retrieval-run.ts'
import { kernelScores, type RowScores } from '../attribute/scores.ts'
import type { VersionState } from '../gateway/prover-chain.ts'
import type { AuditReads, SettledLeaf } from './audit-reads.ts'
import { auditLeaf, type Difference } from './leaf-audit.ts'

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

type RebuiltVersion = { state: VersionState; artifact: Artifact; scores: RowScores; differences: AuditDifference[] }

/** Audits everything that is settled. Rejects where chain or gateway cannot be reached. */
export async function auditSettlements(reads: AuditReads): Promise<AuditReport> {
  const engine = await kernelScores()
  const versions = new Map<bigint, Promise<RebuiltVersion | AuditDifference>>()
  const report: AuditReport = { audited: 0, equal: 0, closed: 0, differences: [] }
  const rebuilt = (id: bigint) => {
    const known = versions.get(id)
    if (known) return known
    const fresh = rebuild(reads, id, engine)
    versions.set(id, fresh)
    return fresh
  }
  for (const settled of await reads.settledLeaves()) {
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
  const { artifact, scores, state: prices } = version
  const [rules, withdrawn] = await Promise.all([reads.entryRules(block), reads.withdrawn(leaf.asOf)])
  const found = auditLeaf({ leaf, opening, artifact, scores, rules, withdrawn, prices })
  return [...version.differences, ...found.map((difference) => ({ subject: request, ...difference }))]
}

/** Builds a version from the contents and compares it with what the chain committed to. */
async function rebuild(
  reads: AuditReads,
  version: bigint,
  engine: Awaited<ReturnType<typeof kernelScores>>,
): Promise<RebuiltVersion | AuditDifference> {
  const subject = `version ${version}`
  const state = await reads.version(version)
  if (!state) return { subject, what: 'version', settled: 'referred to by a leaf', recomputed: 'not on chain' }
  if (state.hyperparametersHash !== RETRIEVAL_HYPERPARAMETERS_HASH) {
    const expected = `${RETRIEVAL_HYPERPARAMETERS_HASH}, the only kind that this program can rebuild`
    return { subject, what: 'hyperparametersHash', settled: state.hyperparametersHash, recomputed: expected }
  }
  const { datanets, seed: block } = state
  const maxScaleFactor = await reads.maxScaleFactor(block)
  const { artifact } = await buildRetrievalVersion(reads, { datanets, block, maxScaleFactor })
  const compare = (what: string, settled: Hex | number, recomputed: Hex | number): AuditDifference[] =>
    settled === recomputed ? [] : [{ subject, what, settled: String(settled), recomputed: String(recomputed) }]
  const differences = [
    ...compare('manifestRoot', state.manifestRoot, artifact.manifestRoot),
    ...compare('featureRoot', state.featureRoot, artifact.featureRoot),
    ...compare('artifactHash', state.artifactHash, artifactHash(encodeArtifact(artifact))),
    ...compare('rows', state.rows, artifact.rows.length),
    ...compare('medianScale', state.medianScale, artifact.medianScale),
  ]
  return { state, artifact, scores: engine(artifact), differences }
}
