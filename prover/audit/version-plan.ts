/**
 * What a tuned version's run was to do, planned again from the contents on chain: of the prover's only the recipe is taken, whose hash is
 * the run's hyperparametersHash. And the steps that had to be recorded by it.
 */
import { CorpusError, readCorpus } from '../attribute/corpus.ts'
import type { VersionState } from '../gateway/prover-chain.ts'
import { outlineOf } from '../tune/corpus-outline.ts'
import { planTuning, type TuningPlan } from '../tune/plan.ts'
import { parseRecipe, type TuneRecipe } from '../tune/recipe.ts'
import type { StepOnRecord, VersionAuditReads } from './audit-reads.ts'
import type { AuditModels } from './auditor.ts'
import { orFault } from './fault.ts'
import { type Difference, unequal } from './leaf-audit.ts'
import type { Progress } from './progress.ts'
import { fetchRecipe } from './prover-files.ts'

/** A tuned version under audit. */
export type VersionScene = {
  reads: VersionAuditReads
  models: AuditModels
  /** Folder of `models.store`. */
  storeDirectory: string
  state: VersionState
  /** On record when the version was published. */
  steps: StepOnRecord[]
  progress: Progress
  signal: AbortSignal | undefined
}

/** Undefined, with at least one difference, where there is nothing to plan by. Throws CorpusError where the node lacks a content. */
export async function planAgain(
  { reads, models, storeDirectory, state, steps }: VersionScene,
  found: (difference: Difference) => void,
): Promise<TuningPlan | undefined> {
  const recipe = await orFault(found, { what: 'recipe', settled: state.hyperparametersHash }, async () =>
    parseRecipe(await fetchRecipe(reads.files, models.store, state.hyperparametersHash)),
  )
  if (!recipe) return undefined
  const otherBase = baseDifferences(state, recipe)
  otherBase.forEach(found)
  if (otherBase.length > 0) return undefined
  const read = await readCorpus(reads, { datanets: state.datanets, block: state.seed })
  await models.store.putContents(read)
  const corpus = outlineOf(read)
  const { baseDirectory } = models
  const plan = await orFault(found, { what: 'plan', settled: state.manifestRoot }, () =>
    planTuning({ baseDirectory, storeDirectory, recipe, corpus }).catch(noText(found, state)),
  )
  if (!plan) return undefined
  unequal('manifestRoot', state.manifestRoot, plan.manifestRoot).forEach(found)
  unequal('hyperparametersHash', state.hyperparametersHash, plan.recipeHash).forEach(found)
  unequal('rows', state.rows, plan.manifest.length).forEach(found)
  stepDifferences(steps, recipe).forEach(found)
  return plan
}

/** The Datanets hold no text that could be a row: the node has all contents, so the version speaks of none. */
const noText = (found: (difference: Difference) => void, state: VersionState) => (error: unknown) => {
  if (!(error instanceof CorpusError)) throw error
  found({ what: 'plan', settled: state.manifestRoot, recomputed: error.message })
  return undefined
}

function baseDifferences({ base }: VersionState, recipe: TuneRecipe): Difference[] {
  return [
    ...unequal("weightsHash of the recipe's base", base.weightsHash, recipe.base.weightsHash),
    ...unequal("tokenizerHash of the recipe's base", base.tokenizerHash, recipe.base.tokenizerHash),
    ...unequal("architecture of the recipe's base", base.architecture, recipe.base.architecture),
  ]
}

/** Every `checkpointEvery` steps one must be on record, and the last. */
function stepDifferences(steps: readonly StepOnRecord[], { checkpointEvery, training }: TuneRecipe): Difference[] {
  const last = training.schedule.steps
  const wrong = steps.flatMap(({ step }, index) =>
    unequal(`step on record, number ${index + 1}`, step, Math.min((index + 1) * checkpointEvery, last)),
  )
  return [...unequal('steps on record', steps.length, Math.ceil(last / checkpointEvery)), ...wrong]
}
