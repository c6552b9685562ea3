/** The gradient of every text by itself, at the cost of the way back of all together: G = Σ left ⊗ right over its own tokens. */
import { allFinite, fill, matmulTransposedA, reshape, type Shape, slice, type Tensor } from '../kernel/f32.ts'
import type { SequenceLoss, TrainingSequence } from '../model/trainable.ts'
import { type ExamplePass, examplePasses } from './example-pass.ts'
import { type BlockObserver, blockObserver, type GradientBlock } from './gradient-blocks.ts'
import type { ObservedModel } from './observed-model.ts'
import { type LabelParts, targetDraw } from './sampled-targets.ts'

/** A block's floats within a gradient. */
export function blockOf(
  gradient: Tensor,
  { start, rows, columns }: GradientBlock,
  shape: Shape = [rows, columns],
): Tensor {
  return reshape(slice(gradient, start, start + rows * columns), shape)
}

export type ExampleOptions = {
  /** Tokens of a run of the model; as many as it takes if absent. */
  maxTokens?: number
  /** Targets are drawn by these; the texts' own if absent. */
  labels?: LabelParts
}

/**
 * Writes the gradient of the summed losses of example i to `gradients[i]` (layout.size floats). The gradients lie in the kernel's memory already. The bits
 * do not depend on which examples stand together. Returns the losses of all together.
 */
export function exampleGradients(
  model: ObservedModel,
  examples: readonly (readonly TrainingSequence[])[],
  gradients: readonly Tensor[],
  options: ExampleOptions = {},
): SequenceLoss {
  const total = gradientsTogether(model, examples, gradients, options)
  if (examples.length < 2 || gradients.every((gradient) => allFinite(model.kernel, gradient))) return total
  // What one text hides from another is multiplied by 0, which a NaN or an infinity outlives: so each by itself.
  const { labels, ...rest } = options
  const alone = examples.map((example, i) => {
    const own = labels && { labels: (_: number, tokens: number) => labels(i, tokens) }
    return gradientsTogether(model, [example], [gradients[i]!], { ...rest, ...own })
  })
  return alone.reduce((sum, { loss, tokens }) => ({ loss: sum.loss + loss, tokens: sum.tokens + tokens }))
}

function gradientsTogether(
  model: ObservedModel,
  examples: readonly (readonly TrainingSequence[])[],
  gradients: readonly Tensor[],
  { maxTokens = model.maxTokens, labels }: ExampleOptions,
): SequenceLoss {
  const { kernel } = model
  for (const gradient of gradients) fill(kernel, gradient, 0)
  const total = { loss: 0, tokens: 0 }
  for (const pass of examplePasses(examples, maxTokens)) {
    const { loss, tokens } = observePass(model, pass, labels, (block, left, right) => {
      for (const { example, start, end } of pass.spans) {
        const out = blockOf(gradients[example]!, block)
        matmulTransposedA(kernel, { a: slice(left, start, end), b: slice(right, start, end), out, accumulate: true })
      }
    })
    total.loss += loss
    total.tokens += tokens
  }
  return total
}

/** The way back of a pass, block by block. */
export function observePass(
  { kernel, layout, observe }: ObservedModel,
  { sequence, spans }: ExamplePass,
  labels: LabelParts | undefined,
  visit: BlockObserver,
): SequenceLoss {
  const blocks = blockObserver(layout, visit)
  const draw = labels && targetDraw(kernel, spans, sequence.ids.length, labels)
  const loss = observe(sequence, blocks.observe, draw)
  if (blocks.seen() !== layout.pairs.size)
    throw new Error(`${blocks.seen()} of ${layout.pairs.size} adapted layers were seen`)
  return loss
}
