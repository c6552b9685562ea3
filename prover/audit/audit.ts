/**
 * The whole audit, as `openledger audit` runs it: every settled leaf, and the making of every tuned version that a leaf refers to or that is
 * asked for.
 */
import { RETRIEVAL_HYPERPARAMETERS_HASH } from '../attribute/retrieval-run.ts'
import type { VersionState } from '../gateway/prover-chain.ts'
import { baseHashes } from '../tune/base-model.ts'
import type { SettledLeaf, VersionAuditReads } from './audit-reads.ts'
import {
  type AuditDifference,
  type AuditModels,
  type AuditReport,
  auditSettlements,
  describeDifference,
  rebuildRetrieval,
} from './auditor.ts'
import type { Progress } from './progress.ts'
import { AuditRequestError, auditVersion, type VersionAudit, type VersionAuditChoice } from './version-audit.ts'

export type AuditChoice = VersionAuditChoice & {
  /** Only these versions and their leaves; every version in use where absent. */
  versions?: readonly bigint[]
}

export type WholeAudit = AuditReport & {
  /** The auditor's, in decimals: the same seed draws the same intervals and rows. */
  seed: string
  /** Of tuned versions, by id. `differences` has theirs too. */
  versions: Omit<VersionAudit, 'differences'>[]
}

export type AuditOptions = AuditModels & {
  /** Folder of `store`. */
  storeDirectory: string
  choice: AuditChoice
  /** Long work under way, a line each. */
  progress?: Progress
  signal?: AbortSignal
}

/** Throws {@link AuditRequestError} where what is asked for cannot be audited; rejects where the chain cannot be reached. */
export async function audit(reads: VersionAuditReads, options: AuditOptions): Promise<WholeAudit> {
  const { choice, signal, kernel } = options
  const leaves = (await reads.settledLeaves()).filter(({ leaf }) => choice.versions?.includes(leaf.version) !== false)
  const states = await versionsOf(reads, choice, leaves)
  const tuned = states.filter((state) => state.hyperparametersHash !== RETRIEVAL_HYPERPARAMETERS_HASH)
  await checkBases(tuned, options.baseDirectory)
  const mark = kernel.arena.mark()
  const report = await auditSettlements(reads, options, { leaves, signal }).finally(() => kernel.arena.release(mark))
  const differences = [...report.differences]
  for (const state of states.filter((state) => !tuned.includes(state) && !hasOpenLeaf(leaves, state)))
    differences.push(...(await rebuildRetrieval(reads, state)).differences)
  const versions: WholeAudit['versions'] = []
  for (const state of tuned) {
    const { differences: found, ...version } = await auditedVersion(reads, state, options)
    versions.push(version)
    differences.push(...found)
  }
  return { ...report, differences: eachOnce(differences), seed: String(choice.seed), versions }
}

/** Ascending. A version that a leaf refers to and that is not there is the leaf's difference; one that is asked for must be there. */
async function versionsOf(
  reads: VersionAuditReads,
  { versions }: AuditChoice,
  leaves: readonly SettledLeaf[],
): Promise<VersionState[]> {
  const ids = new Set(versions ?? leaves.map(({ leaf }) => leaf.version))
  const states: VersionState[] = []
  for (const id of [...ids].sort((a, b) => (a < b ? -1 : 1))) {
    const state = await reads.version(id)
    if (state) states.push(state)
    else if (versions) throw new AuditRequestError(`version ${id} is not on chain`)
  }
  return states
}

const hasOpenLeaf = (leaves: readonly SettledLeaf[], { version }: VersionState) =>
  leaves.some(({ leaf }) => leaf.version === version && leaf.openable)

/** Before any long work: the folder must be the base of every version. */
async function checkBases(states: readonly VersionState[], directory: string): Promise<void> {
  if (states.length === 0) return
  const found = await baseHashes(directory)
  for (const { version, base } of states) {
    for (const field of ['weightsHash', 'tokenizerHash', 'architecture'] as const) {
      if (found[field] === base[field]) continue
      throw new AuditRequestError(
        `base folder ${directory} is another base model than version ${version} was made of: its ${field} is ` +
          `${found[field]}, base ${base.id} on chain has ${base[field]}`,
      )
    }
  }
}

async function auditedVersion(
  reads: VersionAuditReads,
  state: VersionState,
  options: AuditOptions,
): Promise<VersionAudit> {
  const { storeDirectory, choice, signal, progress = () => {} } = options
  const { run, steps } = await reads.recordedSteps(state.version)
  const tell = (line: string) => progress(`version ${state.version}: ${line}`)
  return auditVersion({ reads, models: options, storeDirectory, state, steps, progress: tell, signal }, run, choice)
}

/** What leaves and version both found is told once. */
function eachOnce(differences: readonly AuditDifference[]): AuditDifference[] {
  return [...new Map(differences.map((difference) => [describeDifference(difference), difference])).values()]
}
