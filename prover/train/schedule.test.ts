import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Kernel } from '../kernel/f32.ts'
import { loadKernelFromFile } from '../kernel/f32-file.ts'
import { checkSchedule, learningRate } from './schedule.ts'

describe('the learning rate', () => {
  let kernel: Kernel
  beforeAll(async () => {
    kernel = await loadKernelFromFile()
  })
  afterAll(() => kernel.close())

  const schedule = { steps: 12, warmupSteps: 4, peakRate: 1, floorRate: 0.2 }

  it('rises in equal steps to its peak, then falls by half a cosine to its floor', () => {
    const rates = Array.from({ length: 12 }, (_, index) => learningRate(kernel, schedule, index + 1))
    expect(rates.slice(0, 4)).toEqual([0.25, 0.5, 0.75, 1])
    // Half way down the cosine is 0; three quarters down it is -√½.
    expect(rates[7]).toBeCloseTo(0.6, 12)
    expect(rates[9]).toBeCloseTo(0.2 + 0.4 * (1 - Math.SQRT1_2), 12)
    expect(rates[11]).toBeCloseTo(0.2, 12)
  })

  it('may begin at the peak, and be warm-up only', () => {
    expect(learningRate(kernel, { ...schedule, steps: 2, warmupSteps: 0 }, 1)).toBeCloseTo(0.6, 12)
    expect(learningRate(kernel, { ...schedule, warmupSteps: 12 }, 12)).toBe(1)
  })

  it('is refused where it cannot be', () => {
    expect(() => learningRate(kernel, schedule, 13)).toThrow('step 13 of 12')
    expect(() => checkSchedule({ ...schedule, steps: 0 })).toThrow('steps is 0')
    expect(() => checkSchedule({ ...schedule, peakRate: 0 })).toThrow('peakRate is 0')
    expect(() => checkSchedule({ ...schedule, floorRate: 2 })).toThrow('floorRate is 2')
  })
})
