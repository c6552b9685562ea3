/** A transformer of which every weight is trained: pretraining. */
import { type Tensor, zeros } from '../kernel/f32.ts'
import { allOrNothing } from './all-or-nothing.ts'
import { sequenceLoss } from './sequence-loss.ts'
import type { TrainableModel } from './trainable.ts'
import type { Transformer } from './transformer.ts'

/** Its gradients are allocated here, at 0. The observer of its accumulate sees every linear layer within the blocks. */
export function wholeModel(transformer: Transformer): TrainableModel {
  const { kernel, weights } = transformer
  const parameters = allOrNothing(kernel, () =>
    [...weights].map(([name, value]) => ({
      name,
      value,
      gradient: zeros(kernel, value.shape),
      decay: value.shape.length > 1,
    })),
  )
  const gradients = new Map<Tensor, Tensor>(parameters.map(({ value, gradient }) => [value, gradient]))
  return {
    kernel,
    parameters,
    accumulate: (sequence, scale, observer) =>
      sequenceLoss(transformer, sequence, { back: { gradients, observer, scale } }),
    evaluate: (sequence) => sequenceLoss(transformer, sequence),
  }
}
