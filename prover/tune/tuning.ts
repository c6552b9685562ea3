/**
 * A tuned version made of base, corpus and recipe, in stages, each of which goes on where it was cut:
 * training → adapter → curvature → rows → artifact.
 * The result's hashes follow from base, recipe, corpus and its block alone: not from threads, cuts, or the time.
 */
import { join } from 'node:path'
import type { Hex } from 'viem'
import { DIMS } from '../../protocol/row.ts'
import { ArtifactStore } from '../attribute/artifact-store.ts'
import { ARTIFACT_FILES, type ArtifactFile, type TunedParts } from '../attribute/artifact-tuned.ts'
import { createFeaturizer } from '../features/features.ts'
import { observedModel } from '../features/observed-model.ts'
import { KERNEL_VERSION, type Kernel } from '../kernel/kernel.ts'
import { ADAPTER_CONFIG_FILE } from '../model/adapter-config.ts'
import { openModelFolder } from '../model/folder.ts'
import { adapterCopy } from '../model/lora.ts'
import { ADAPTER_WEIGHTS_FILE, writeAdapter } from '../model/peft.ts'
import { loadTransformer, type Transformer } from '../model/transformer.ts'
import { type CurvatureStageEvent, makeCurvature } from './curvature-stage.ts'
import { type PlanRequest, planName, planTuning } from './plan.ts'
import { encodeRecipe } from './recipe.ts'
import { makeRows, type RowsEvent } from './row-stage.ts'
import { firstAdapter, type RecordedStep, type StepEvent, trainAdapter } from './training-stage.ts'
import { keepFile, type RunModel, type TuningRun, workPaths } from './tuning-run.ts'

export type { RecordedStep } from './training-stage.ts'

export type TuneOptions = PlanRequest & {
  /** Checkpoints, curvature, rows in the making. The same options go on from what is there; others begin beside it. */
  workDirectory: string
  /** The parameter of that name. */
  maxScaleFactor: bigint
  signal?: AbortSignal
}

/** After a restart the steps of earlier sittings are told again, as they were. */
export type TuneEvent =
  | { type: 'planned'; manifestRoot: Hex; windows: number; tokens: number; steps: number }
  | StepEvent
  | CurvatureStageEvent
  | RowsEvent

export type TunedResult = {
  recipeHash: Hex
  manifestRoot: Hex
  adapterHash: Hex
  curvatureHash: Hex
  artifactHash: Hex
  featureRoot: Hex
  rows: number
  dims: number
  medianScale: number
  steps: RecordedStep[]
  lossFirst: number
  lossLast: number
}

/**
 * One event after another; pull the next when ready for it. What it needs of the kernel's arena lies there until it ends, so others release
 * what they allocate between two events. Everything of the result is in the store when it returns.
 *
 * Throws ModelFileError, ArtifactError, CorpusError, CheckpointError, CurvatureError, DivergedError or VoidVersionError, each naming what is
 * wrong; and the signal's reason once it is aborted.
 */
export async function* tune(
  { kernel }: { kernel: Kernel },
  options: TuneOptions,
): AsyncGenerator<TuneEvent, TunedResult, void> {
  const { baseDirectory, workDirectory, maxScaleFactor, signal } = options
  const plan = await planTuning(options)
  const { recipeHash, manifestRoot, windows, tokens, steps } = plan
  yield { type: 'planned', manifestRoot, windows: windows.length, tokens, steps }
  const store = await ArtifactStore.open(options.storeDirectory)
  const run: TuningRun = { plan, store, signal, directory: join(workDirectory, planName(plan).slice(2, 18)) }
  const mark = kernel.arena.mark()
  try {
    const transformer = await loadBase(kernel, baseDirectory)
    const adapter = firstAdapter(transformer, plan)
    const trained = yield* trainAdapter(run, { transformer, adapter })
    const files = await keepAdapter(run, { transformer, adapter })
    const adapterHash = files.find(({ name }) => name === ARTIFACT_FILES.adapterWeights)!.hash
    const model = observedModel(transformer, adapter)
    const curvature = yield* makeCurvature(run, { model, adapterHash })
    const { seeds, recipe } = plan
    const featurizer = createFeaturizer(model, curvature.curvature, {
      seed: seeds.features,
      lexicalWeight: recipe.lexicalWeight,
    })
    const tuned: Omit<TunedParts, 'maxScale'> = {
      ...{ kernelVersion: KERNEL_VERSION, recipeHash, adapterHash, curvatureHash: curvature.hash },
      ...{ weightsHash: recipe.base.weightsHash, tokenizerHash: recipe.base.tokenizerHash },
      checkpoints: trained.steps,
      files: sorted([...files, ...trained.files, curvature.file]),
    }
    const made = yield* makeRows(run, { featurizer, tuned, maxScaleFactor })
    return {
      ...{ recipeHash, manifestRoot, adapterHash, curvatureHash: curvature.hash, ...made },
      ...{ rows: windows.length, dims: DIMS, steps: trained.steps },
      ...{ lossFirst: trained.lossFirst, lossLast: trained.lossLast },
    }
  } finally {
    kernel.arena.release(mark)
  }
}

/** The base's weights in the arena. */
export async function loadBase(kernel: Kernel, directory: string): Promise<Transformer> {
  const folder = await openModelFolder(directory)
  return loadTransformer(kernel, folder).finally(() => folder.close())
}

/** The adapter as PEFT has it, and the recipe: their files in the store. */
async function keepAdapter({ plan, store, directory }: TuningRun, model: RunModel): Promise<ArtifactFile[]> {
  const { adapter: place } = workPaths(directory)
  await writeAdapter(place, model.transformer.config, adapterCopy(model.transformer, model.adapter))
  return [
    await keepFile(store, ARTIFACT_FILES.adapterConfig, join(place, ADAPTER_CONFIG_FILE)),
    await keepFile(store, ARTIFACT_FILES.adapterWeights, join(place, ADAPTER_WEIGHTS_FILE)),
    { name: ARTIFACT_FILES.recipe, ...(await store.putFile([encodeRecipe(plan.recipe)])) },
  ]
}

const sorted = (files: readonly ArtifactFile[]): ArtifactFile[] =>
  [...files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
