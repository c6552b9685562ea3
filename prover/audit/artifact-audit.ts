/**
 * A tuned version's artifact against what the chain commits to and what the plan gives: all that it says besides the rows' signs and scales,
 * which are drawn and computed again (row-audit.ts).
 */
import { medianScale } from '../../protocol/lexical.ts'
import { encodeRarity } from '../../protocol/ngrams.ts'
import { repeats } from '../../protocol/same-rows.ts'
import { ArtifactError, isTuned, type TunedArtifact } from '../attribute/artifact.ts'
import { versionDifferences } from '../gateway/version-check.ts'
import type { TuningPlan } from '../tune/plan.ts'
import type { StepOnRecord } from './audit-reads.ts'
import { orFault } from './fault.ts'
import { type Difference, unequal } from './leaf-audit.ts'
import { fetchArtifactBytes } from './prover-files.ts'
import type { VersionScene } from './version-plan.ts'

/** Undefined, with a difference, where the prover does not hand it out. */
export function artifactOf(
  { reads, models, state }: VersionScene,
  found: (difference: Difference) => void,
): Promise<TunedArtifact | undefined> {
  const { artifactHash } = state
  return orFault(found, { what: 'artifact', settled: artifactHash }, async () => {
    await fetchArtifactBytes(reads.files, models.store, artifactHash)
    const artifact = await models.store.artifact(artifactHash)
    if (!isTuned(artifact)) throw new ArtifactError('it is of a retrieval version')
    return artifact
  })
}

/** What scales are cut to: the parameter maxScaleFactor as of the run's block. */
export async function maxScaleOf({ reads, state }: VersionScene): Promise<number> {
  return Math.min(state.medianScale * Number(await reads.maxScaleFactor(state.seed)), 0xffff)
}

export async function artifactDifferences(
  scene: VersionScene,
  artifact: TunedArtifact,
  plan: TuningPlan | undefined,
): Promise<Difference[]> {
  const { state, steps } = scene
  const { rows, tuned } = artifact
  const counted = rows.map(({ scale }) => scale).filter((scale) => scale > 0)
  return [
    ...versionDifferences(state, artifact).map(({ what, onChain, inArtifact }) => ({
      ...{ what, settled: onChain, recomputed: inArtifact },
    })),
    ...unequal('medianScale of the rows', state.medianScale, counted.length > 0 ? medianScale(counted) : 0),
    ...unequal('maxScale', tuned.maxScale, await maxScaleOf(scene)),
    ...unequal('highest scale', Math.min(tuned.maxScale, highest(counted)), highest(counted)),
    ...checkpointDifferences(steps, tuned.checkpoints),
    ...repetitions(artifact),
    ...(plan ? planDifferences(artifact, plan) : []),
  ]
}

const highest = (numbers: readonly number[]) => numbers.reduce((most, number) => Math.max(most, number), 0)

function checkpointDifferences(steps: readonly StepOnRecord[], listed: readonly StepOnRecord[]): Difference[] {
  return [
    ...unequal('checkpoints listed by the artifact', steps.length, listed.length),
    ...steps.flatMap(({ step, lossMicro, checkpointHash }) => {
      const other = listed.find((checkpoint) => checkpoint.step === step)
      if (!other) return []
      return [
        ...unequal(`checkpointHash of step ${step}, by the artifact`, checkpointHash, other.checkpointHash),
        ...unequal(`lossMicro of step ${step}, by the artifact`, lossMicro, other.lossMicro),
      ]
    }),
  ]
}

/** Rows that say again what an earlier one of their cluster says, and are not void. */
function repetitions({ rows }: TunedArtifact): Difference[] {
  return repeats(rows).flatMap((isRepeat, index) =>
    isRepeat
      ? [{ what: `row ${index}`, settled: 'listed', recomputed: 'void: it repeats an earlier row of its cluster' }]
      : [],
  )
}

/** Words and payees: these decide entries as signs do. Items are covered by manifestRoot. */
function planDifferences({ rarity, rows }: TunedArtifact, plan: TuningPlan): Difference[] {
  const same = Buffer.compare(encodeRarity(rarity), encodeRarity(plan.rarity)) === 0
  const wrong = rows.flatMap(({ index, cluster, contribution }) => {
    const item = plan.manifest[index]
    if (!item) return []
    return [
      ...unequal(`cluster of row ${index}`, cluster, plan.clusters[index]!),
      ...unequal(`contribution of row ${index}`, contribution, item.contribution),
    ]
  })
  return [...unequal('rarity', same ? 'as of the contents' : 'another', 'as of the contents'), ...wrong]
}
