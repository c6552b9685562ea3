/** Sequences of drawn tokens, and hashes of what a model makes of them. */
import { createHash } from 'node:crypto'
import { read } from '../../kernel/f32.ts'
import type { ModelConfig } from '../config.ts'
import type { TrainableModel } from '../trainable.ts'

export type DrawnSequence = { ids: Uint32Array; targets: Uint32Array; weights: Float32Array }

/** Ids with repeats, the next ones as targets, two of which do not count. */
export function drawnSequence({ vocabSize }: ModelConfig, tokens = 13): DrawnSequence {
  const all = Uint32Array.from({ length: tokens + 1 }, (_, t) => (t * t * 7 + (t % 3)) % Math.min(vocabSize, 40))
  const weights = Float32Array.from({ length: tokens }, (_, t) => (t === 2 || t === 7 ? 0 : 1))
  return { ids: all.subarray(0, tokens), targets: all.subarray(1), weights }
}

/** Targets, −1 where they do not count. */
export const countedTargets = ({ targets, weights }: DrawnSequence) =>
  [...targets].map((target, t) => (weights[t] === 1 ? target : -1))

/** SHA-256 over the bits of all gradients. */
export function gradientHash({ kernel, parameters }: TrainableModel): string {
  const hash = createHash('sha256')
  for (const { gradient } of parameters) hash.update(new Uint8Array(read(kernel, gradient).buffer))
  return hash.digest('hex')
}
