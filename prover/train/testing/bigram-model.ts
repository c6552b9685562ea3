/** A toy for the trainer's tests, no language model: the next token's logits are a row of one table, chosen by the token before. */
import {
  add,
  addToEmbeddings,
  allocate,
  crossEntropy,
  embeddings,
  fillNormal,
  type Kernel,
  read,
  scoped,
  zeros,
} from '../../kernel/f32.ts'
import type { TrainableModel, TrainingSequence } from '../../model/trainable.ts'

export const BIGRAM_VOCABULARY = 16

/** Two tables that are added up, one decayed and one not, so that there are two kinds of tensors. */
export function bigramModel(kernel: Kernel, seed = 1n): TrainableModel {
  const parameters = ['table.weight', 'table.bias'].map((name, index) => {
    const value = allocate(kernel, [BIGRAM_VOCABULARY, BIGRAM_VOCABULARY])
    fillNormal(kernel, value, { seed: seed + BigInt(index), deviation: 0.1 })
    return { name, value, gradient: zeros(kernel, value.shape), decay: index === 0 }
  })
  const run = ({ ids, targets, weights }: TrainingSequence, gradientScale?: number) =>
    scoped(kernel, () => {
      const logits = allocate(kernel, [ids.length, BIGRAM_VOCABULARY])
      const half = allocate(kernel, logits.shape)
      const losses = allocate(kernel, [ids.length])
      embeddings(kernel, { table: parameters[0]!.value, ids, out: logits })
      embeddings(kernel, { table: parameters[1]!.value, ids, out: half })
      add(kernel, { a: logits, b: half, target: logits })
      const counted = Array.from(targets, (target, index) => (weights?.[index] === 0 ? -1 : target))
      const dLogits = gradientScale === undefined ? undefined : half
      crossEntropy(kernel, { logits, targets: counted, losses, ...(dLogits && { dLogits, gradientScale }) })
      if (dLogits)
        for (const { gradient } of parameters) addToEmbeddings(kernel, { dTable: gradient, ids, dOut: dLogits })
      return {
        loss: read(kernel, losses).reduce((total, loss) => total + loss, 0),
        tokens: counted.filter((target) => target >= 0).length,
      }
    })
  return {
    kernel,
    parameters,
    accumulate: (sequence, factor) => run(sequence, factor),
    evaluate: (sequence) => run(sequence),
  }
}
