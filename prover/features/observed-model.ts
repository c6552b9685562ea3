/** What features need of a fine-tuned model: the way back of one sequence, seen layer by layer. */
import type { Kernel } from '../kernel/f32.ts'
import { type LoraAdapter, observeGradients } from '../model/lora.ts'
import type { TargetDraw } from '../model/sequence-loss.ts'
import type { GradientObserver, SequenceLoss, TrainingSequence } from '../model/trainable.ts'
import type { Transformer } from '../model/transformer.ts'
import { type GradientLayout, gradientLayout } from './gradient-blocks.ts'

export type ObservedModel = {
  readonly kernel: Kernel
  readonly layout: GradientLayout
  /** Most tokens of a sequence. */
  readonly maxTokens: number
  /** Gradients of the summed losses of the counted targets, or of those that are drawn in their place. The observer sees every adapted layer once. */
  observe(sequence: TrainingSequence, observer: GradientObserver, draw?: TargetDraw): SequenceLoss
}

export function observedModel(transformer: Transformer, adapter: LoraAdapter): ObservedModel {
  return {
    kernel: transformer.kernel,
    layout: gradientLayout(adapter.layers.values()),
    maxTokens: transformer.config.maxPositions,
    observe: (sequence, observer, draw) => observeGradients(transformer, adapter, sequence, observer, draw),
  }
}
