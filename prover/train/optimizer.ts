/** AdamW over all tensors of a model: their moments, gradients cleared, one step with a common clip. */
import { adamwStep, fill, norm, type Tensor, zeros } from '../kernel/f32.ts'
import type { TrainableModel } from '../model/trainable.ts'
import type { Recipe } from './recipe.ts'

/** Running means of gradient and squared gradient, in the order of the model's parameters. */
export type Moments = readonly { mean: Tensor; square: Tensor }[]

/** Moments of a run that has not begun. They take twice the parameters' room. */
export function createMoments({ kernel, parameters }: TrainableModel): Moments {
  return parameters.map(({ value }) => ({ mean: zeros(kernel, value.shape), square: zeros(kernel, value.shape) }))
}

export function clearGradients({ kernel, parameters }: TrainableModel): void {
  for (const { gradient } of parameters) fill(kernel, gradient, 0)
}

/** Norm of all gradients together; NaN or infinite where any gradient is. */
export function gradientNorm({ kernel, parameters }: TrainableModel): number {
  const gradients = parameters.map(({ gradient }) => gradient)
  return norm(kernel, gradients)
}

/** One step (counted from 1) with gradients of the given norm. */
export function stepParameters(
  model: TrainableModel,
  moments: Moments,
  { recipe, rate, step, norm }: { recipe: Recipe; rate: number; step: number; norm: number },
): void {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = recipe
  const gradientScale = norm > clipNorm ? clipNorm / norm : 1
  for (const [index, { value, gradient, decay }] of model.parameters.entries()) {
    const { mean, square } = moments[index]!
    const options = { rate, beta1, beta2, epsilon, decay: decay ? weightDecay : 0, step, gradientScale }
    adamwStep(model.kernel, { value, gradient, mean, square }, options)
  }
}
