/** Transformers of drawn weights whose activations stay moderate, and the same for the oracle. */
import { type Kernel, read, sizeOf, write } from '../../kernel/f32.ts'
import { drawn } from '../../kernel/testing/drawn.ts'
import type { ModelConfig } from '../config.ts'
import { type AdapterOptions, createAdapter, type LoraAdapter } from '../lora.ts'
import { randomTransformer, type Transformer } from '../transformer.ts'
import type { OracleModel } from './float64-model.ts'

/** Matrices of −2/√in … 2/√in, norms of 0.5 … 1.5, biases of −0.5 … 0.5. */
export function drawnTransformer(kernel: Kernel, config: ModelConfig): Transformer {
  const transformer = randomTransformer(kernel, config, 1n)
  let seed = 0
  for (const [name, tensor] of transformer.weights) {
    const values = drawn(sizeOf(tensor.shape), ++seed)
    const columns = tensor.shape[1]
    const [size, middle] = columns ? [1 / Math.sqrt(columns), 0] : [0.25, name.endsWith('.bias') ? 0 : 1]
    write(
      kernel,
      tensor,
      values.map((value) => value * size + middle),
    )
  }
  return transformer
}

/** An adapter whose B is drawn too, so that it changes something and gradients flow to A. */
export function drawnAdapter(transformer: Transformer, options: Partial<AdapterOptions> = {}): LoraAdapter {
  const adapter = createAdapter(transformer, { rank: 3, alpha: 6, seed: 5n, ...options })
  let seed = 0
  for (const { b } of adapter.layers.values()) {
    const values = drawn(sizeOf(b.shape), ++seed)
    write(
      transformer.kernel,
      b,
      values.map((value) => value / 4),
    )
  }
  return adapter
}

export function oracleOf({ kernel, config, weights, rotary }: Transformer): OracleModel {
  return { config, weights: new Map([...weights].map(([name, tensor]) => [name, read(kernel, tensor)])), rotary }
}
