/** Tiny fine-tuned models and texts of drawn numbers, for tests. */
import { type Kernel, scale, sizeOf, write } from '../../kernel/f32.ts'
import { drawer, drawn } from '../../kernel/testing/drawn.ts'
import { createAdapter, type LoraAdapter } from '../../model/lora.ts'
import { drawnTransformer } from '../../model/testing/drawn-model.ts'
import { type TinyFamily, tinyConfig } from '../../model/testing/tiny-checkpoint.ts'
import type { TrainingSequence } from '../../model/trainable.ts'
import type { Transformer } from '../../model/transformer.ts'

export type TunedModel = { transformer: Transformer; adapter: LoraAdapter }

/** Both factors are drawn, as after some training. */
export function tunedModel(kernel: Kernel, family: TinyFamily, targets?: readonly string[]): TunedModel {
  const transformer = drawnTransformer(kernel, tinyConfig(family))
  const adapter = createAdapter(transformer, { rank: 2, alpha: 3, seed: 5n, ...(targets && { targets }) })
  let seed = 900
  for (const { b } of adapter.layers.values()) {
    write(kernel, b, drawn(sizeOf(b.shape), ++seed))
    scale(kernel, { x: b, factor: 0.2, target: b })
  }
  return { transformer, adapter }
}

/** A text of one piece, whose first two targets do not count. */
export function drawnText(tokens: number, seed: number): TrainingSequence {
  const draw = drawer(seed)
  const all = Uint32Array.from({ length: tokens + 1 }, () => (draw() >>> 4) % 40)
  const weights = Float32Array.from({ length: tokens }, (_, t) => (t < 2 ? 0 : 1))
  return { ids: all.subarray(0, tokens), targets: all.subarray(1), weights }
}
