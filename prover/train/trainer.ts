/**
 * The trainer, of whole models and of adapters alike: whatever tensors a TrainableModel names are stepped by AdamW under a recipe. One step
 * takes its sequences one after another, adds their gradients, clips and steps, so the result depends on recipe, data and
 * first weights only: not on threads, on where a run was cut, or on the time.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Hex } from 'viem'
import type { TrainableModel, TrainingSequence } from '../model/trainable.ts'
import {
  type Checkpoint,
  checkpointSteps,
  checkSameRun,
  type RunPlace,
  type RunState,
  readCheckpoint,
  removeOldCheckpoints,
  restoreCheckpoint,
  saveCheckpoint,
} from './checkpoint.ts'
import { clearGradients, createMoments, gradientNorm, stepParameters } from './optimizer.ts'
import { Pace } from './pace.ts'
import { targetCount } from './packing.ts'
import { checkRecipe, type Recipe } from './recipe.ts'
import { learningRate } from './schedule.ts'
import { DataReader, type TrainingData } from './training-data.ts'

export type TrainOptions = {
  recipe: Recipe
  /** Loss on sequences that are not trained on: after every `every` steps, and after the last. */
  validation?: { sequences: readonly TrainingSequence[]; every: number }
  /**
   * Written every so many steps, after the last, and when stopped. A run whose directory has checkpoints goes on from the newest.
   * `keep`: so many stay, 2 if absent.
   */
  checkpoints?: { directory: string; every: number; keep?: number }
  /** Ends after this step, as if cut there; the schedule stays the recipe's. */
  stopAfter?: number
  signal?: AbortSignal
  /** Seconds, for tokensPerSecond and secondsLeft only. */
  clock?: () => number
}

/** One step that was taken. */
export type TrainEvent = {
  step: number
  /** Mean over the step's targets before the step, in nats. */
  loss: number
  /** Mean over all validation targets after the step, in nats. */
  validationLoss?: number
  /** Before clipping. */
  gradientNorm: number
  learningRate: number
  /** Targets counted since the run began. */
  tokens: number
  tokensPerSecond: number
  /** Until the recipe's last step, at the recent pace. */
  secondsLeft: number
  /** On disk since this step. */
  checkpoint?: { path: string; hash: Hex }
}

/** A loss or gradient was NaN or infinite. The step was not taken; the last checkpoint is as it was. */
export class DivergedError extends Error {
  override name = 'DivergedError'
}

/**
 * Trains the model in place, one event per step; pull the next when ready for it. Between two events the kernel is free for others, as long
 * as they release what they allocate. The moments' memory is released at the end.
 *
 * Throws DivergedError; CheckpointError where the directory is another run's; RangeError for a wrong option; and the signal's reason, after
 * a checkpoint of the last whole step, where it was aborted.
 */
export async function* train(
  model: TrainableModel,
  data: TrainingData,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void, void> {
  checkOptions(options)
  const mark = model.kernel.arena.mark()
  try {
    yield* trainSteps({ model, moments: createMoments(model) }, data, options)
  } finally {
    model.kernel.arena.release(mark)
  }
}

/** What is done, and which sequence comes next. */
type Place = Pick<RunPlace, 'step' | 'position' | 'tokens'>

async function* trainSteps(
  state: RunState,
  data: TrainingData,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void, void> {
  const { recipe, validation, checkpoints, signal } = options
  const { steps } = recipe.schedule
  const last = Math.min(options.stopAfter ?? steps, steps)
  const reader = new DataReader({ data })
  const pace = new Pace(options.clock ?? (() => performance.now() / 1000))
  const begun = checkpoints && (await resume(checkpoints.directory, state, { recipe, dataHash: data.hash }))
  let place: Place = begun ?? { step: 0, position: { epoch: 0, sequence: 0 }, tokens: 0 }
  let saved = place.step
  while (place.step < last) {
    const step = place.step + 1
    const { sequences, next } = reader.read(place.position, recipe.sequencesPerStep)
    const taken = await takeStep(state, sequences, { recipe, step, signal })
    if (!taken) {
      if (checkpoints && place.step > saved) await save(state, { ...place, recipe, dataHash: data.hash }, checkpoints)
      throw signal?.reason
    }
    place = { step, position: next, tokens: place.tokens + taken.tokens }
    pace.count(taken.tokens)
    const validated =
      validation && isDue(step, last, validation.every) && (await lossOf(state.model, validation.sequences))
    let checkpoint: Checkpoint | undefined
    if (checkpoints && isDue(step, last, checkpoints.every)) {
      checkpoint = await save(state, { ...place, recipe, dataHash: data.hash }, checkpoints)
      saved = step
    }
    yield {
      ...{ step, loss: taken.loss, gradientNorm: taken.norm, learningRate: taken.rate, tokens: place.tokens },
      ...{ tokensPerSecond: pace.perSecond(), secondsLeft: pace.secondsFor(steps - step) },
      ...(validated && { validationLoss: validated.loss / validated.tokens }),
      ...(checkpoint && { checkpoint: { path: checkpoint.path, hash: checkpoint.hash } }),
    }
  }
}

/** Total loss of sequences in nats, and their counted targets. Other work of the process gets its turns in between. */
export async function lossOf(
  model: Pick<TrainableModel, 'evaluate'>,
  sequences: readonly TrainingSequence[],
): Promise<{ loss: number; tokens: number }> {
  const total = { loss: 0, tokens: 0 }
  for (const sequence of sequences) {
    const { loss, tokens } = model.evaluate(sequence)
    total.loss += loss
    total.tokens += tokens
    await nextTurn()
  }
  return total
}

type Step = { recipe: Recipe; step: number; signal: AbortSignal | undefined }

/** One step; undefined, with the parameters as they were, where the signal came first. */
async function takeStep(
  { model, moments }: RunState,
  sequences: readonly TrainingSequence[],
  { recipe, step, signal }: Step,
): Promise<{ loss: number; tokens: number; norm: number; rate: number } | undefined> {
  const tokens = sequences.reduce((total, sequence) => total + targetCount(sequence), 0)
  if (tokens === 0) throw new RangeError(`step ${step}: no target counts in its ${sequences.length} sequences`)
  clearGradients(model)
  let loss = 0
  for (const sequence of sequences) {
    if (signal?.aborted) return undefined
    loss += model.accumulate(sequence, 1 / tokens).loss
    if (!Number.isFinite(loss)) throw diverged(step, `loss is ${loss}`)
    await nextTurn()
  }
  const norm = gradientNorm(model)
  if (!Number.isFinite(norm)) throw diverged(step, `norm of the gradients is ${norm}`)
  const rate = learningRate(model.kernel, recipe.schedule, step)
  stepParameters(model, moments, { recipe, rate, step, norm })
  return { loss: loss / tokens, tokens, norm, rate }
}

const diverged = (step: number, what: string) =>
  new DivergedError(
    `step ${step}: ${what}; the step was not taken and the last checkpoint is kept. A lower peakRate or clipNorm or a longer warm-up may mend it`,
  )

type Checkpoints = NonNullable<TrainOptions['checkpoints']>

async function save(state: RunState, place: RunPlace, { directory, keep = 2 }: Checkpoints): Promise<Checkpoint> {
  const checkpoint = await saveCheckpoint(directory, state, place)
  await removeOldCheckpoints(directory, keep)
  return checkpoint
}

/** Restores the newest checkpoint; undefined where there is none. */
async function resume(
  directory: string,
  state: RunState,
  run: { recipe: Recipe; dataHash: Hex },
): Promise<Place | undefined> {
  const newest = (await checkpointSteps(directory)).at(-1)
  if (newest === undefined) return undefined
  const checkpoint = await readCheckpoint(directory, newest)
  checkSameRun(checkpoint, run)
  await restoreCheckpoint(checkpoint, state)
  return checkpoint
}

const isDue = (step: number, last: number, every: number) => step % every === 0 || step === last

/** Throws a RangeError that names the option. */
function checkOptions({ recipe, validation, checkpoints, stopAfter }: TrainOptions): void {
  checkRecipe(recipe)
  const wholeNumbers = {
    'validation.every': validation?.every,
    'checkpoints.every': checkpoints?.every,
    'checkpoints.keep': checkpoints?.keep,
    stopAfter,
  }
  for (const [name, value] of Object.entries(wholeNumbers)) {
    if (value !== undefined && value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value >= 1))
      throw new RangeError(`${name} is ${value}, must be a whole number from 1`)
  }
  if (validation && !validation.sequences.some((sequence) => targetCount(sequence) > 0))
    throw new RangeError('validation.sequences: no target counts in them')
}
