/**
 * The training between two steps on record, taken again from the checkpoint before; and the adapter, which the last checkpoint's parameters
 * must make.
 */
import type { TunedArtifact } from '../attribute/artifact.ts'
import { ARTIFACT_FILES } from '../attribute/artifact-tuned.ts'
import type { TuningPlan } from '../tune/plan.ts'
import { type CheckpointFiles, checkpointAdapter, checkpointFiles, replayInterval } from '../tune/replay.ts'
import type { StepOnRecord } from './audit-reads.ts'
import { orFault } from './fault.ts'
import { type Difference, unequal } from './leaf-audit.ts'
import { counted } from './progress.ts'
import { fetchFiles } from './prover-files.ts'
import type { VersionScene } from './version-plan.ts'

/** In one step, all in memory: a recipe that asks for more is not followed. */
const MOST_SEQUENCES = 65_536

/** Interval `number`, from 1: from the step on record before (0: the beginning) to the step on record of that number. */
export type Interval = { number: number; from: StepOnRecord | undefined; to: StepOnRecord }

export function intervalsOf(steps: readonly StepOnRecord[]): Interval[] {
  return steps.map((to, index) => ({ number: index + 1, from: steps[index - 1], to }))
}

export type IntervalWork = { plan: TuningPlan; artifact: TunedArtifact | undefined }

export async function auditInterval(
  scene: VersionScene,
  { plan, artifact }: IntervalWork,
  { from, to }: Interval,
  found: (difference: Difference) => void,
): Promise<void> {
  const { models, state, progress, signal } = scene
  const { step, checkpointHash, lossMicro } = to
  const [begin, what] = [from?.step ?? 0, `checkpointHash of step ${step}`]
  if (step > plan.steps)
    return found({ what, settled: checkpointHash, recomputed: `nothing: the recipe ends with step ${plan.steps}` })
  const { sequencesPerStep } = plan.recipe.training
  if (sequencesPerStep > MOST_SEQUENCES)
    return found({ what, settled: checkpointHash, recomputed: `nothing: ${sequencesPerStep} sequences a step` })
  const before = from && (await checkpointBefore(scene, artifact, from, found))
  if (from && !before) return
  progress(`taking steps ${begin + 1} to ${step} of ${plan.steps} again`)
  const replayed = await orFault(found, { what, settled: checkpointHash }, () => {
    const { baseDirectory } = models
    const told = counted(progress, `steps after ${begin}`)
    return replayInterval(models, {
      ...{ baseDirectory, plan, to: step, progress: (done: number) => told(done - begin, step - begin) },
      ...(before && { from: before }),
      ...(signal && { signal }),
    })
  })
  if (!replayed) return
  unequal(what, checkpointHash, replayed.checkpointHash).forEach(found)
  unequal(`lossMicro of step ${step}`, lossMicro, replayed.lossMicro).forEach(found)
  if (step === plan.steps) unequal('adapterHash', state.adapterHash, replayed.adapterHash).forEach(found)
}

function checkpointBefore(
  { reads, models, progress }: VersionScene,
  artifact: TunedArtifact | undefined,
  step: StepOnRecord,
  found: (difference: Difference) => void,
): Promise<CheckpointFiles | undefined> {
  const what = `checkpoint of step ${step.step}`
  if (!artifact) {
    found({ what, settled: step.checkpointHash, recomputed: 'cannot be had: there is no artifact that lists it' })
    return Promise.resolve(undefined)
  }
  return orFault(found, { what, settled: step.checkpointHash }, async () => {
    progress(`fetching the checkpoint of step ${step.step}`)
    const names = [ARTIFACT_FILES.checkpointFields(step.step), ARTIFACT_FILES.checkpointTensors(step.step)]
    await fetchFiles(reads.files, models.store, artifact, names)
    return checkpointFiles(models.store, artifact, step)
  })
}

/** Whether the published adapter is the last checkpoint's: no training is needed for that. */
export async function auditAdapter(
  scene: VersionScene,
  { plan, artifact }: IntervalWork,
  found: (difference: Difference) => void,
): Promise<void> {
  const { models, state, steps, progress } = scene
  const last = steps.at(-1)
  if (!last) return found({ what: 'adapterHash', settled: state.adapterHash, recomputed: 'no step is on record' })
  const checkpoint = await checkpointBefore(scene, artifact, last, found)
  if (!checkpoint || !artifact) return
  progress(`making the adapter of the checkpoint of step ${last.step}`)
  const { baseDirectory } = models
  const made = await orFault(found, { what: 'adapterHash', settled: state.adapterHash }, () =>
    checkpointAdapter(models, { baseDirectory, plan, checkpoint }),
  )
  if (!made) return
  unequal('adapterHash', state.adapterHash, made.adapterHash).forEach(found)
  const { adapterConfig } = ARTIFACT_FILES
  const listed = artifact.tuned.files.find(({ name }) => name === adapterConfig)?.hash ?? 'none'
  unequal(adapterConfig, listed, made.adapterConfigHash).forEach(found)
}
