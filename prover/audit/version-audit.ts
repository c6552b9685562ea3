/**
 * A tuned version's making, audited: planned again from the chain's contents; its artifact against chain and plan; an interval of its
 * training taken again; its adapter against the last checkpoint; rows, and where asked the curvature, computed again. What cannot be done
 * because something before it failed is said not to be audited; the failure itself is a difference.
 */
import type { TunedArtifact } from '../attribute/artifact.ts'
import type { TuningPlan } from '../tune/plan.ts'
import { artifactDifferences, artifactOf } from './artifact-audit.ts'
import type { AuditDifference } from './auditor.ts'
import { drawInterval, drawRows } from './draws.ts'
import { auditAdapter, auditInterval, type Interval, type IntervalWork, intervalsOf } from './interval-audit.ts'
import type { Difference } from './leaf-audit.ts'
import { auditCurvature, auditRows, modelOf } from './row-audit.ts'
import { planAgain, type VersionScene } from './version-plan.ts'

export type VersionAuditChoice = {
  /** 64 bits: of what is drawn. */
  seed: bigint
  /** One that is drawn, the one of this number (from 1), all of them, or none. */
  interval: 'drawn' | number | 'all' | 'none'
  /** How many rows are drawn. */
  rows: number
  curvature: boolean
}

export type Outcome = 'equal' | 'different' | 'not audited'

/** As in the report: plain values. */
export type VersionAudit = {
  version: string
  run: string
  /** Nothing that was audited differs. */
  equal: boolean
  plan: Outcome
  artifact: Outcome
  adapter: Outcome
  /** Steps of the training that were taken again: those after `from`, to `to`. */
  intervals: { number: number; from: number; to: number; outcome: Outcome }[]
  rows: { index: number; outcome: Outcome }[]
  curvature: Outcome
  differences: AuditDifference[]
}

/** What was asked for cannot be audited: another base, an interval that is none, a version that is not there. */
export class AuditRequestError extends Error {
  override name = 'AuditRequestError'
}

/** Gathers differences and tells items that have none from those that have. Between two items an audit can be ended. */
class Findings {
  readonly differences: AuditDifference[] = []
  readonly #subject: string
  readonly #signal: AbortSignal | undefined

  constructor(subject: string, signal: AbortSignal | undefined) {
    this.#subject = subject
    this.#signal = signal
  }

  readonly add = (difference: Difference): void => {
    this.differences.push({ subject: this.#subject, ...difference })
  }

  async item<Result>(work: () => Promise<Result>): Promise<{ outcome: Outcome; result: Result }> {
    this.#signal?.throwIfAborted()
    const before = this.differences.length
    const result = await work()
    return { outcome: this.differences.length === before ? 'equal' : 'different', result }
  }
}

/** Throws {@link AuditRequestError}, CorpusError where the node lacks a content, and the signal's reason. */
export async function auditVersion(
  scene: VersionScene,
  run: bigint,
  choice: VersionAuditChoice,
): Promise<VersionAudit> {
  const { version } = scene.state
  const findings = new Findings(`version ${version}`, scene.signal)
  const intervals = chosenIntervals(scene, choice)
  scene.progress('planning the run from the contents on chain')
  const planned = await findings.item(() => planAgain(scene, findings.add))
  scene.progress('comparing the artifact with chain and plan')
  const compared = await findings.item(() => comparedArtifact(scene, planned.result, findings))
  const training = planned.result && { plan: planned.result, artifact: compared.result }
  const taken = await takenAgain(scene, training, intervals, findings)
  const adapter = training && (await findings.item(() => auditAdapter(scene, training, findings.add)))
  const features = await featuresAgain(scene, training, choice, findings)
  const { differences } = findings
  return {
    ...{ version: String(version), run: String(run), equal: differences.length === 0 },
    ...{ plan: planned.outcome, artifact: compared.outcome, adapter: adapter?.outcome ?? 'not audited' },
    ...{ intervals: taken, ...features, differences },
  }
}

async function comparedArtifact(
  scene: VersionScene,
  plan: TuningPlan | undefined,
  findings: Findings,
): Promise<TunedArtifact | undefined> {
  const artifact = await artifactOf(scene, findings.add)
  if (artifact) for (const difference of await artifactDifferences(scene, artifact, plan)) findings.add(difference)
  return artifact
}

function chosenIntervals({ state, steps }: VersionScene, { seed, interval }: VersionAuditChoice): Interval[] {
  const all = intervalsOf(steps)
  if (interval === 'none' || all.length === 0) return []
  if (interval === 'all') return all
  const { version } = state
  const chosen = all[interval === 'drawn' ? drawInterval({ seed, version }, all.length) : interval - 1]
  if (!chosen)
    throw new AuditRequestError(`interval ${interval}: version ${version} has ${all.length} intervals, 1 is the first`)
  return [chosen]
}

async function takenAgain(
  scene: VersionScene,
  training: IntervalWork | undefined,
  intervals: readonly Interval[],
  findings: Findings,
): Promise<VersionAudit['intervals']> {
  const taken: VersionAudit['intervals'] = []
  for (const interval of intervals) {
    const { number, from, to } = interval
    const again = training && (await findings.item(() => auditInterval(scene, training, interval, findings.add)))
    taken.push({ number, from: from?.step ?? 0, to: to.step, outcome: again?.outcome ?? 'not audited' })
  }
  return taken
}

/** Rows and curvature: what needs the version's model. */
async function featuresAgain(
  scene: VersionScene,
  training: IntervalWork | undefined,
  { seed, rows, curvature }: VersionAuditChoice,
  findings: Findings,
): Promise<Pick<VersionAudit, 'rows' | 'curvature'>> {
  const { state, models, progress } = scene
  const count = Math.min(state.rows, training?.plan.manifest.length ?? 0)
  const indices = drawRows({ seed, version: state.version }, count, rows)
  const unaudited = indices.map((index) => ({ index, outcome: 'not audited' as Outcome }))
  if (!training?.artifact || (indices.length === 0 && !curvature)) return { rows: unaudited, curvature: 'not audited' }
  const { plan, artifact } = training
  const mark = models.kernel.arena.mark()
  try {
    progress('opening the model')
    const model = await modelOf(scene, artifact, findings.add)
    if (!model) return { rows: unaudited, curvature: 'not audited' }
    const told: VersionAudit['rows'] = []
    await auditRows(scene, { plan, artifact, model }, indices, (index, differences) => {
      for (const difference of differences) findings.add(difference)
      told.push({ index, outcome: differences.length === 0 ? 'equal' : 'different' })
    })
    if (!curvature) return { rows: told, curvature: 'not audited' }
    const { outcome } = await findings.item(() => auditCurvature(scene, { plan, model }, findings.add))
    return { rows: told, curvature: outcome }
  } finally {
    models.kernel.arena.release(mark)
  }
}
