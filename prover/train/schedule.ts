/**
 * The learning rate of every step: linear warm-up, then half a cosine down to a floor (Loshchilov and Hutter, "SGDR", 2017, without
 * restarts). In plain sums and products of doubles and the kernel's own cosine: the same on every engine.
 */
import { cosine, type Kernel } from '../kernel/f32.ts'

export type Schedule = {
  /** Steps in all; the last one is taken at the floor. */
  steps: number
  /** Over so many steps the rate rises from peak/warmupSteps to the peak. 0: it begins at the peak. */
  warmupSteps: number
  peakRate: number
  floorRate: number
}

/** Throws a RangeError that names the field. */
export function checkSchedule({ steps, warmupSteps, peakRate, floorRate }: Schedule): void {
  if (!Number.isSafeInteger(steps) || steps < 1)
    throw new RangeError(`steps is ${steps}, must be a whole number from 1`)
  if (!Number.isSafeInteger(warmupSteps) || warmupSteps < 0 || warmupSteps > steps)
    throw new RangeError(`warmupSteps is ${warmupSteps}, must be a whole number up to the ${steps} steps`)
  if (!(peakRate > 0 && Number.isFinite(peakRate))) throw new RangeError(`peakRate is ${peakRate}, must be above 0`)
  if (!(floorRate >= 0 && floorRate <= peakRate))
    throw new RangeError(`floorRate is ${floorRate}, must be from 0 to peakRate (${peakRate})`)
}

/** The rate of a step, counted from 1. */
export function learningRate(kernel: Kernel, schedule: Schedule, step: number): number {
  const { steps, warmupSteps, peakRate, floorRate } = schedule
  if (!Number.isInteger(step) || step < 1 || step > steps) throw new RangeError(`step ${step} of ${steps}`)
  if (step <= warmupSteps) return (peakRate * step) / warmupSteps
  const progress = (step - warmupSteps) / (steps - warmupSteps)
  return floorRate + ((peakRate - floorRate) * (1 + cosine(kernel, Math.PI * progress))) / 2
}
