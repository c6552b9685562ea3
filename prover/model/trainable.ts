/** What a trainer needs of a model, whichever of its tensors are trained. */
import type { Kernel, Tensor } from '../kernel/f32.ts'

/** Tokens and what follows each of them; all arrays are as long as ids. */
export type TrainingSequence = {
  ids: Uint32Array
  targets: Uint32Array
  /** 0 or 1 for every target; 0 leaves it out of loss and gradient. All count if absent. */
  weights?: Float32Array
  /**
   * For texts packed into one sequence: the index where each token's text begins. A token sees and counts positions
   * from there, so a text has the losses that it has alone: in every bit where
   * it starts at a multiple of 4 (the kernel's sums go by lanes of absolute positions), else to rounding. One text if absent.
   */
  starts?: Uint32Array
}

/** Sum of the losses of the counted targets, in nats, and how many there are. */
export type SequenceLoss = { loss: number; tokens: number }

/**
 * Sees a linear layer on the way back, last layer first: its module ("model.layers.0.mlp.up_proj"), its inputs x
 * [tokens × in] and the gradients at its outputs delta [tokens × out], times the scale that accumulate was given. Its
 * weight's gradient would be deltaᵀ·x. With low-rank factors A and B of scale s, `inner` is what lies between them: x =
 * s·x·Aᵀ [tokens × rank] is B's input and delta = s·delta·B is the gradient at A's output; dB = deltaᵀ·inner.x and dA =
 * inner.deltaᵀ·x. The tensors are gone when it returns.
 */
export type GradientObserver = (module: string, x: Tensor, delta: Tensor, inner?: { x: Tensor; delta: Tensor }) => void

export type TrainableParameter = {
  /** In the file it is saved to: transformers' names for whole models, PEFT's for adapters. */
  name: string
  value: Tensor
  /** Of the value's shape. */
  gradient: Tensor
  /** Whether weights of this kind are decayed: matrices are, norms and biases are not. */
  decay: boolean
}

export interface TrainableModel {
  readonly kernel: Kernel
  /** In a fixed order. */
  readonly parameters: readonly TrainableParameter[]
  /**
   * Adds `scale` times the gradient of the summed losses to the gradients. Throws RangeError for what is no sequence of
   * this model, before anything is added; MemoryBudgetError where its activations do not fit the kernel's budget: the
   * gradients are void then.
   */
  accumulate(sequence: TrainingSequence, scale: number, observer?: GradientObserver): SequenceLoss
  /** The losses only. Throws as accumulate does. */
  evaluate(sequence: TrainingSequence): SequenceLoss
}
