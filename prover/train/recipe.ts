/**
 * Everything that decides the bits of a trained model, besides the model it starts from, the data and the kernel. Two runs of one recipe are
 * the same run.
 */
import { checkSchedule, type Schedule } from './schedule.ts'

export type Recipe = {
  schedule: Schedule
  /** Sequences whose gradients make one step (accumulated one by one). */
  sequencesPerStep: number
  /** AdamW (kernel/adamw.ts). */
  beta1: number
  beta2: number
  epsilon: number
  /** Of tensors that decay (matrices; not norms, not biases). */
  weightDecay: number
  /** Gradients are scaled down to this norm where theirs is larger; Infinity: never. */
  clipNorm: number
}

/** Loshchilov and Hutter's AdamW as large models are trained with it (LLaMA, Touvron 2023: β₂ 0.95, decay 0.1, clip 1). */
export const USUAL_ADAMW = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 } as const

/** Throws a RangeError that names the field. */
export function checkRecipe(recipe: Recipe): void {
  checkSchedule(recipe.schedule)
  const { sequencesPerStep, beta1, beta2, epsilon, weightDecay, clipNorm } = recipe
  if (!Number.isSafeInteger(sequencesPerStep) || sequencesPerStep < 1)
    throw new RangeError(`sequencesPerStep is ${sequencesPerStep}, must be a whole number from 1`)
  if (!(beta1 >= 0 && beta1 < 1)) throw new RangeError(`beta1 is ${beta1}, must be from 0 to below 1`)
  if (!(beta2 >= 0 && beta2 < 1)) throw new RangeError(`beta2 is ${beta2}, must be from 0 to below 1`)
  if (!(epsilon > 0)) throw new RangeError(`epsilon is ${epsilon}, must be above 0`)
  if (!(weightDecay >= 0)) throw new RangeError(`weightDecay is ${weightDecay}, must not be negative`)
  if (!(clipNorm > 0)) throw new RangeError(`clipNorm is ${clipNorm}, must be above 0`)
}

/** The recipe as flat fields with exact values, in one order: what is compared and hashed. */
export function recipeFields(recipe: Recipe): Record<string, string> {
  const { schedule, sequencesPerStep, beta1, beta2, epsilon, weightDecay, clipNorm } = recipe
  const { steps, warmupSteps, peakRate, floorRate } = schedule
  const numbers = {
    ...{ steps, warmupSteps, peakRate, floorRate },
    ...{ sequencesPerStep, beta1, beta2, epsilon, weightDecay, clipNorm },
  }
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]))
}
