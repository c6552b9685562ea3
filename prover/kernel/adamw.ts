/** AdamW (Loshchilov and Hutter 2019): one step of one tensor. */
import type { Kernel } from './kernel.ts'
import { checkApart, checkShape, checkTensor, sizeOf, type Tensor } from './tensor.ts'

export type AdamwOptions = {
  rate: number
  beta1: number
  beta2: number
  epsilon: number
  /** Decay of the weights themselves, times the rate. */
  decay: number
  /** Which step this is, from 1. */
  step: number
  /** Factor on the gradient: 1, or less where its norm is clipped. */
  gradientScale?: number
}

/**
 * mean = β₁·mean + (1 − β₁)·g, square = β₂·square + (1 − β₂)·g²,
 * value = value·(1 − rate·decay) − rate/(1 − β₁ᵗ)·mean/(√square/√(1 − β₂ᵗ) + ε).
 * Factors are computed in doubles and rounded once to f32.
 */
export function adamwStep(
  kernel: Kernel,
  { value, gradient, mean, square }: { value: Tensor; gradient: Tensor; mean: Tensor; square: Tensor },
  options: AdamwOptions,
): void {
  const { rate, beta1, beta2, epsilon, decay, step, gradientScale = 1 } = options
  checkTensor(kernel, 'value', value)
  checkShape(kernel, 'gradient', gradient, value.shape)
  checkShape(kernel, 'mean', mean, value.shape)
  checkShape(kernel, 'square', square, value.shape)
  checkApart('value', value, { gradient, mean, square })
  checkApart('mean', mean, { gradient, square })
  checkApart('square', square, { gradient })
  if (!Number.isInteger(step) || step < 1) throw new RangeError(`step is ${step}, must be a whole number from 1`)
  const root = kernel.exports.squareRoot(1 - wholePower(beta2, step))
  const size = sizeOf(value.shape)
  kernel.run(
    'adamw',
    [
      ...([value.offset, gradient.offset, mean.offset, square.offset] as const),
      ...([gradientScale, beta1, 1 - beta1, beta2, 1 - beta2] as const),
      ...([1 - rate * decay, rate / (1 - wholePower(beta1, step)), root, epsilon] as const),
    ],
    // Units are floats: parts that begin between two fours would only be slower.
    size,
    12 * size,
  )
}

/** base^exponent by squaring: products of doubles only. */
function wholePower(base: number, exponent: number): number {
  let power = 1
  let factor = base
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power *= factor
    factor *= factor
  }
  return power
}
