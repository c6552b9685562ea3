/**
 * First stage: the adapter is trained, and every checkpoint on record goes into the store. What is on disk after a crash may be a checkpoint of a
 * step that the journal does not know; then that step, too, is taken again.
 */
import { mkdir } from 'node:fs/promises'
import type { Hex } from 'viem'
import { ARTIFACT_FILES, type ArtifactFile } from '../attribute/artifact-tuned.ts'
import { type AdapterOptions, createAdapter, type LoraAdapter, withAdapter } from '../model/lora.ts'
import type { Transformer } from '../model/transformer.ts'
import { checkpointPaths, checkpointSteps, removeCheckpoint } from '../train/checkpoint.ts'
import { type TrainEvent, train } from '../train/trainer.ts'
import type { TuningPlan } from './plan.ts'
import { type JournalStep, StepJournal } from './step-journal.ts'
import { keepFile, type RunModel, type TuningRun, workPaths } from './tuning-run.ts'

/** A step's checkpoint, for recordStep. */
export type RecordedStep = { step: number; lossMicro: number; checkpointHash: Hex }

export type StepEvent = {
  type: 'step'
  step: number
  steps: number
  /** Mean over the step's targets, before the step, in nats. */
  loss: number
  tokensPerSecond: number
  secondsLeft: number
  /** Where it has a checkpoint on record. */
  recorded?: Omit<RecordedStep, 'step'>
}

export type Trained = { steps: RecordedStep[]; files: ArtifactFile[]; lossFirst: number; lossLast: number }

/** An adapter as the recipe begins it; it lies in the arena. */
export function firstAdapter(
  transformer: Transformer,
  { recipe, seeds }: Pick<TuningPlan, 'recipe' | 'seeds'>,
): LoraAdapter {
  const options: AdapterOptions = { ...recipe.adapter, seed: seeds.adapter }
  return createAdapter(transformer, options)
}

/** In millionths of a nat, as the chain has it. */
export const lossMicro = (loss: number): number => Math.round(loss * 1e6)

/** Trains the run's adapter in place. Steps of earlier sittings are told again, as they were. */
export async function* trainAdapter(
  run: TuningRun,
  { transformer, adapter }: RunModel,
): AsyncGenerator<StepEvent, Trained, void> {
  const { plan, directory, signal } = run
  const { checkpoints, journal: journalPath } = workPaths(directory)
  await mkdir(directory, { recursive: true })
  const journal = await StepJournal.open(journalPath)
  await agree(journal, checkpoints)
  for (const step of journal.steps) yield stepEvent(step, plan.steps)
  const { arena } = transformer.kernel
  const mark = arena.mark()
  try {
    const events = train(withAdapter(transformer, adapter), plan.data, {
      recipe: plan.recipe.training,
      checkpoints: { directory: checkpoints, every: plan.recipe.checkpointEvery },
      ...(signal && { signal }),
    })
    for await (const event of events) {
      const step = await journalStep(run, event)
      await journal.add(step)
      yield stepEvent(step, plan.steps)
    }
  } finally {
    arena.release(mark)
  }
  return trained(journal.steps)
}

/** Journal and checkpoints are cut to the newest checkpoint that the journal reaches. */
async function agree(journal: StepJournal, directory: string): Promise<void> {
  const found = await checkpointSteps(directory)
  const newest = found.filter((step) => step <= journal.steps.length).at(-1) ?? 0
  for (const step of found.filter((step) => step > newest)) await removeCheckpoint(directory, step)
  await journal.cutAfter(newest)
}

async function journalStep({ store, directory }: TuningRun, event: TrainEvent): Promise<JournalStep> {
  const { step, loss, tokensPerSecond, secondsLeft, checkpoint } = event
  const told = { step, loss, tokensPerSecond, secondsLeft }
  if (!checkpoint) return told
  const { fields, tensors } = checkpointPaths(workPaths(directory).checkpoints, step)
  const files = [
    await keepFile(store, ARTIFACT_FILES.checkpointFields(step), fields),
    await keepFile(store, ARTIFACT_FILES.checkpointTensors(step), tensors),
  ]
  return { ...told, checkpoint: { hash: checkpoint.hash, files } }
}

function stepEvent({ checkpoint, ...told }: JournalStep, steps: number): StepEvent {
  const recorded = checkpoint && { checkpointHash: checkpoint.hash, lossMicro: lossMicro(told.loss) }
  return { type: 'step', steps, ...told, ...(recorded && { recorded }) }
}

function trained(steps: readonly JournalStep[]): Trained {
  const kept = steps.flatMap(({ step, loss, checkpoint }) => (checkpoint ? [{ step, loss, ...checkpoint }] : []))
  return {
    steps: kept.map(({ step, loss, hash }) => ({ step, lossMicro: lossMicro(loss), checkpointHash: hash })),
    files: kept.flatMap(({ files }) => files),
    lossFirst: steps[0]!.loss,
    lossLast: steps.at(-1)!.loss,
  }
}
